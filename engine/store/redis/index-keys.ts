import type { ExecutionRecord, ExecutionState } from '../../../schemas/execution.ts';
import { errorListsOf, listsOf } from '../lists.ts';
import type { ShardKeys } from './keys.ts';

type ClosedState = Exclude<ExecutionState, { status: 'RUNNING' }>;

/** The indexes of the error that an execution ended with. */
export function errorKeysOf(shard: ShardKeys, record: ExecutionRecord, state: ClosedState): string[] {
  if (state.status === 'SUCCEEDED') return [];
  return errorListsOf(record, state).map((list) => shard.index(list, state.status));
}

/** Every index that a closed execution is in by its id. */
export const closedKeysOf = (shard: ShardKeys, record: ExecutionRecord, state: ClosedState): string[] => [
  ...listsOf(record).map((list) => shard.index(list, state.status)),
  ...errorKeysOf(shard, record, state),
];
