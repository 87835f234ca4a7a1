import type { Redis } from 'ioredis';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../schemas/execution.ts';
import { ALL } from '../lists.ts';
import type { ExecutionCounts, ExecutionSearch, SearchFilter, SearchPage } from '../search.ts';
import type { ShardKeys } from './keys.ts';
import { asList, asNumber, asText, call, run, scripts } from './scripts.ts';

export class RedisSearch implements ExecutionSearch {
  readonly #redis: Redis;
  readonly #keys: readonly ShardKeys[];

  constructor(redis: Redis, keys: readonly ShardKeys[]) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async find(_filter: SearchFilter, _page: { limit: number; cursor?: string }): Promise<SearchPage> {
    throw new Error('Not yet.');
  }

  async counts(stateMachineArn?: string): Promise<ExecutionCounts> {
    const [statuses, states] = await Promise.all([
      this.#countStatuses(stateMachineArn ?? ALL),
      stateMachineArn === undefined ? undefined : this.#countStates(stateMachineArn),
    ]);
    return { statuses, ...(states && { states }) };
  }

  async #countStatuses(list: string): Promise<ExecutionCounts['statuses']> {
    const counts = await Promise.all(
      EXECUTION_STATUSES.map(async (status): Promise<[ExecutionStatus, number]> => {
        const sizes = this.#keys.map(async (shard) =>
          asNumber(await call(this.#redis, 'ZCARD', [shard.index(list, status)])),
        );
        return [status, (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)];
      }),
    );
    return Object.fromEntries(counts) as Record<ExecutionStatus, number>;
  }

  async #countStates(stateMachineArn: string): Promise<NonNullable<ExecutionCounts['states']>> {
    const replies = await Promise.all(
      this.#keys.map((shard) => run(this.#redis, scripts.countStates, [shard.states(stateMachineArn)], [])),
    );
    const counts = new Map<string, number>();
    for (const reply of replies.map(asList)) {
      for (let at = 0; at + 1 < reply.length; at += 2) {
        const state = JSON.parse(asText(reply[at])) as string;
        counts.set(state, (counts.get(state) ?? 0) + asNumber(reply[at + 1]));
      }
    }
    return [...counts].map(([state, executions]) => ({ state, executions }));
  }
}
