import type { ExecutionRecord, ExecutionState } from '../../../schemas/execution.ts';
import type { ExecutionId } from '../../../schemas/task.ts';
import type { FoundExecution } from '../search.ts';
import { standing } from '../search-match.ts';
import { decodeKeptRecord, decodeRedrives, decodeState } from './codec.ts';
import type { Reply } from './scripts.ts';

/** What the execution's hash has for a row of a list. */
export const ROW_FIELDS = ['r', 's', 'd'] as const;

export interface KeptRow {
  readonly record: ExecutionRecord;
  readonly state: ExecutionState;
  readonly row: FoundExecution;
}

/** Undefined when retention took it. */
export function decodeRow(id: ExecutionId, [kept, ended, redrives]: readonly Reply[]): KeptRow | undefined {
  if (!Buffer.isBuffer(kept)) return undefined;
  const record = decodeKeptRecord(id, kept, '');
  const state: ExecutionState = Buffer.isBuffer(ended) ? decodeState(ended, null) : { status: 'RUNNING' };
  const { input: _none, ...fixed } = record;
  return { record, state, row: { ...fixed, ...decodeRedrives(redrives), ...standing(state) } };
}
