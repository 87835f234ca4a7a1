import type { ExecutionRecord, ExecutionState } from '../../../schemas/execution.ts';
import { errorListsOf, listsOf } from '../lists.ts';
import type { ShardKeys } from './keys.ts';

export type ClosedState = Exclude<ExecutionState, { status: 'RUNNING' }>;

/** The indexes of the error that an execution ended with. */
export function errorKeysOf(shard: ShardKeys, record: ExecutionRecord, state: ClosedState): string[] {
  if (state.status === 'SUCCEEDED') return [];
  return errorListsOf(record, state).map((list) => shard.index(list, state.status));
}

/** Every index that an execution in a state is in by its id. */
export function keysIn(shard: ShardKeys, record: ExecutionRecord, state: ExecutionState): string[] {
  const keys = listsOf(record).map((list) => shard.index(list, state.status));
  return state.status === 'RUNNING' ? keys : [...keys, ...errorKeysOf(shard, record, state)];
}
