import type { Redis } from 'ioredis';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../schemas/execution.ts';
import {
  compareNamePlaces,
  formatCursor,
  formatNameCursor,
  type NamePlace,
  parseCursor,
  parseNameCursor,
} from '../list-place.ts';
import { ALL } from '../lists.ts';
import type { ExecutionCounts, ExecutionSearch, SearchFilter, SearchPage } from '../search.ts';
import { findByName } from './find-by-name.ts';
import { findByStart, findFew, type Match } from './find-by-start.ts';
import type { ShardKeys } from './keys.ts';
import { asList, asNumber, asText, call, run, scripts } from './scripts.ts';
import { planOf, type SearchPlan } from './search-plan.ts';
import { rowsOf } from './search-rows.ts';

type Page = Parameters<ExecutionSearch['find']>[1];

export class RedisSearch implements ExecutionSearch {
  readonly #redis: Redis;
  readonly #keys: readonly ShardKeys[];

  constructor(redis: Redis, keys: readonly ShardKeys[]) {
    this.#redis = redis;
    this.#keys = keys;
  }

  find(filter: SearchFilter, page: Page): Promise<SearchPage> {
    const { namePrefix } = filter;
    return namePrefix === undefined ? this.#findByStart(filter, page) : this.#findByName(filter, namePrefix, page);
  }

  async #findByStart(filter: SearchFilter, { limit, cursor }: Page): Promise<SearchPage> {
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    if (cursor !== undefined && !after) return { executions: [] };
    const plan = planOf(filter);
    const { rows, more } = await findByStart(this.#redis, this.#keys, plan, { limit, after });
    const executions = await rowsOf(this.#redis, rows, { filter, plan });
    return { executions, ...(more && { cursor: formatCursor(more) }) };
  }

  async #findByName(filter: SearchFilter, prefix: string, { limit, cursor }: Page): Promise<SearchPage> {
    const after = cursor === undefined ? undefined : parseNameCursor(cursor);
    if (cursor !== undefined && !after) return { executions: [] };
    const plan = planOf(filter);
    const few = await findFew(this.#redis, this.#keys, plan);
    if (few) return this.#pageOf(few, filter, plan, { limit, after });
    const { rows, more } = await findByName(this.#redis, this.#keys, plan, { prefix, limit, after });
    const executions = await rowsOf(this.#redis, rows, { filter, plan });
    return { executions, ...(more && { cursor: formatNameCursor(more) }) };
  }

  /** A page of few, which are brought into the order of their names here. */
  async #pageOf(
    found: readonly Match[],
    { namePrefix = '', ...filter }: SearchFilter,
    plan: SearchPlan,
    { limit, after }: { limit: number; after: NamePlace | undefined },
  ): Promise<SearchPage> {
    const rows = (await rowsOf(this.#redis, found, { filter, plan }))
      .filter(({ name }) => name.startsWith(namePrefix))
      .map((row) => ({ row, name: row.name, id: row.executionId }))
      .filter((place) => after === undefined || compareNamePlaces(place, after) > 0)
      .sort(compareNamePlaces);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      executions: page.map(({ row }) => row),
      ...(last && rows.length > limit && { cursor: formatNameCursor(last) }),
    };
  }

  async counts(stateMachineArn?: string): Promise<ExecutionCounts> {
    const [statuses, states] = await Promise.all([
      this.#countStatuses(stateMachineArn ?? ALL),
      stateMachineArn === undefined ? undefined : this.#countStates(stateMachineArn),
    ]);
    return { statuses, ...(states && { states }) };
  }

  async #countStatuses(list: string): Promise<ExecutionCounts['statuses']> {
    const counts = EXECUTION_STATUSES.map(async (status): Promise<[ExecutionStatus, number]> => {
      const sizes = this.#keys.map((shard) => call(this.#redis, 'ZCARD', [shard.index(list, status)]));
      return [status, (await Promise.all(sizes)).map(asNumber).reduce((sum, size) => sum + size, 0)];
    });
    return Object.fromEntries(await Promise.all(counts)) as Record<ExecutionStatus, number>;
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
