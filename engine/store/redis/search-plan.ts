import type { Redis } from 'ioredis';
import type { ExecutionStatus } from '../../../schemas/execution.ts';
import { ALL, attributeList, errorList } from '../lists.ts';
import type { SearchFilter } from '../search.ts';
import { statusesOf } from '../search-match.ts';
import { paddedMs, type ShardKeys, statePrefix } from './keys.ts';
import { asNumber, call } from './scripts.ts';

/** A set of each shard and status that a match is in. */
export type Condition =
  | { readonly kind: 'list'; readonly list: string }
  | { readonly kind: 'state'; readonly stateMachineArn: string; readonly state: string };

/** What a filter comes to in terms of keys. */
export interface SearchPlan {
  readonly stateMachineArn: string | undefined;
  readonly statuses: readonly ExecutionStatus[];
  /** All executions that the filter is about: those of a machine, or of all. */
  readonly base: Condition;
  readonly others: readonly Condition[];
  /** From here on; before that. Epoch milliseconds. */
  readonly afterMs: number;
  readonly beforeMs: number;
}

/** Later than any start; 13 digits. */
const END_OF_TIME = 9_999_999_999_999;

export function planOf(filter: SearchFilter): SearchPlan {
  const { stateMachineArn, startedAfterMs = 0, startedBeforeMs = END_OF_TIME, error, waitingIn, attributes } = filter;
  const others: Condition[] = [];
  if (stateMachineArn !== undefined) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      others.push({ kind: 'list', list: attributeList(stateMachineArn, name, value) });
    }
    if (waitingIn !== undefined) others.push({ kind: 'state', stateMachineArn, state: waitingIn });
  }
  if (error !== undefined) others.push({ kind: 'list', list: errorList(stateMachineArn ?? ALL, error) });
  return {
    stateMachineArn,
    statuses: statusesOf(filter),
    base: { kind: 'list', list: stateMachineArn ?? ALL },
    others,
    afterMs: instant(startedAfterMs),
    beforeMs: instant(startedBeforeMs),
  };
}

const instant = (ms: number): number => Math.min(Math.max(Math.ceil(ms), 0), END_OF_TIME);

export const keyOf = (condition: Condition, shard: ShardKeys, status: ExecutionStatus): string =>
  condition.kind === 'list' ? shard.index(condition.list, status) : shard.states(condition.stateMachineArn);

/** What members of a condition's sets begin with before start and id; nothing where they are ids alone. */
export const prefixOf = (condition: Condition): string =>
  condition.kind === 'list' ? '' : statePrefix(condition.state);

/**
 * The conditions of a plan, the one that is to be looked through first: it has the fewest executions. What a machine's other conditions
 * are about is that machine alone.
 *
 * @returns `size` how many the first has in one shard
 */
export async function inOrder(
  redis: Redis,
  shard: ShardKeys,
  plan: SearchPlan,
): Promise<{ conditions: readonly Condition[]; size: number }> {
  const { base, others } = plan;
  // Executions are spread over the shards by hash: what is least in one of them is so in all.
  const all = [base, ...others];
  const sizes = await Promise.all(all.map((condition) => sizeOf(redis, shard, plan, condition)));
  const size = Math.min(...sizes);
  const first = all[sizes.indexOf(size)] ?? base;
  return { conditions: [first, ...others.filter((other) => other !== first)], size };
}

async function sizeOf(redis: Redis, shard: ShardKeys, plan: SearchPlan, condition: Condition): Promise<number> {
  const { afterMs, beforeMs } = plan;
  const sizes = plan.statuses.map((status) => {
    const key = keyOf(condition, shard, status);
    if (condition.kind === 'list') return call(redis, 'ZCOUNT', [key, afterMs, `(${beforeMs}`]);
    const prefix = statePrefix(condition.state);
    return call(redis, 'ZLEXCOUNT', [key, `[${prefix}${paddedMs(afterMs)}`, `(${prefix}${paddedMs(beforeMs)}`]);
  });
  return (await Promise.all(sizes)).map(asNumber).reduce((sum, size) => sum + size, 0);
}
