import type { ExecutionDescription } from '../engine/store/store.ts';
import type { Context } from './operation.ts';

/** Whether an execution may be redriven, and why not. */

/** The longest that an execution may be open (Step Functions: "Service quotas", maximum execution time). */
const MAX_OPEN_MS = 365 * 86_400_000;

/** Where AWS knows this reason, the words are AWS's (DescribeExecution, `redriveStatusReason`). */
export type RedriveStatus =
  | { readonly redriveStatus: 'REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN' }
  | { readonly redriveStatus: 'NOT_REDRIVABLE'; readonly redriveStatusReason: string };

type StatusContext = Pick<Context, 'store' | 'config'>;

export async function redriveStatus(execution: ExecutionDescription, context: StatusContext): Promise<RedriveStatus> {
  const { status, child } = execution;
  if (child && status !== 'RUNNING' && status !== 'SUCCEEDED') return { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' };
  const redriveStatusReason = await obstacle(execution, context);
  if (redriveStatusReason === undefined) return { redriveStatus: 'REDRIVABLE' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
}

async function obstacle(
  execution: ExecutionDescription,
  { store, config }: StatusContext,
): Promise<string | undefined> {
  const { status, executionArn, stateMachineArn, startMs } = execution;
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  const [machine, remains] = await Promise.all([
    store.registry.machine(stateMachineArn),
    store.executions.remains(executionArn),
  ]);
  if (remains?.archived) return 'Execution is archived and cannot be redriven';
  if (!machine) return 'State machine is in DELETING status';
  if (!remains?.frames) return 'Execution was started before the launch of RedriveExecution';
  // The redrive itself is an event, and so is the end that comes after it.
  if (remains.historyEvents >= config.maxHistoryEvents - 1) return 'Execution history event limit exceeded';
  if (remains.nowMs - startMs > MAX_OPEN_MS) return 'Execution has exceeded the max execution time';
  return remains.nowMs - execution.stopMs > config.redrivableMs ? 'Execution redrivable period exceeded' : undefined;
}
