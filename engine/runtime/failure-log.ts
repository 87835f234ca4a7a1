import type { Batch } from '../store/store.ts';
import type { Log } from './log.ts';

/** One line for each execution that a batch closes without success. Children of a Map Run are told of by that. */
export function logFailures(log: Log, { writes }: Batch): void {
  for (const { closed, record, head } of writes) {
    const { state } = head;
    if (!closed || record.child || state.status === 'RUNNING' || state.status === 'SUCCEEDED') continue;
    const { executionArn, stateMachineArn } = record;
    const error = state.error === undefined ? {} : { error: state.error };
    log.info({ executionArn, stateMachineArn, status: state.status, ...error }, 'execution closed without success');
  }
}
