import type { ExecutionRecord, ExecutionState, ExecutionStatus } from '../../schemas/execution.ts';
import { EXECUTION_STATUSES } from '../../schemas/execution.ts';
import type { FoundExecution, SearchFilter } from './search.ts';

/**
 * The statuses that the matches of a filter can have, open ones first: an execution that closes while they are looked through
 * is then seen twice rather than not at all.
 */
export function statusesOf({ status, error, waitingIn }: SearchFilter): readonly ExecutionStatus[] {
  return EXECUTION_STATUSES.filter(
    (each) =>
      (status === undefined || each === status) &&
      (error === undefined || (each !== 'RUNNING' && each !== 'SUCCEEDED')) &&
      (waitingIn === undefined || each === 'RUNNING'),
  );
}

/** Whether a row meets every condition but `waitingIn`, of which it tells no more than that it is open. */
export function matches(row: FoundExecution, filter: SearchFilter): boolean {
  const { startedAfterMs = 0, startedBeforeMs = Number.POSITIVE_INFINITY, namePrefix = '', error } = filter;
  return (
    row.child === undefined &&
    statusesOf(filter).includes(row.status) &&
    (filter.stateMachineArn === undefined || row.stateMachineArn === filter.stateMachineArn) &&
    row.startMs >= startedAfterMs &&
    row.startMs < startedBeforeMs &&
    row.name.startsWith(namePrefix) &&
    (error === undefined || row.error === error) &&
    Object.entries(filter.attributes ?? {}).every(([name, value]) => attributeOf(row, name) === value)
  );
}

const attributeOf = ({ attributes }: Pick<ExecutionRecord, 'attributes'>, name: string): string | undefined =>
  attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;

/** How an execution stands, as a row tells it. */
export function standing(state: ExecutionState): Pick<FoundExecution, 'status' | 'stopMs' | 'error'> {
  switch (state.status) {
    case 'RUNNING':
      return { status: state.status };
    case 'SUCCEEDED':
      return { status: state.status, stopMs: state.stopMs };
    case 'FAILED':
    case 'TIMED_OUT':
    case 'ABORTED': {
      const { status, stopMs, error } = state;
      return { status, stopMs, ...(error !== undefined && { error }) };
    }
  }
}
