import type { Redis } from 'ioredis';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../schemas/execution.ts';
import type { ExecutionId } from '../../../schemas/task.ts';
import { comparePlaces, formatCursor, type Place, parseCursor } from '../list-place.ts';
import type { ExecutionSummary } from '../store.ts';
import { decodeRow, ROW_FIELDS } from './found-row.ts';
import type { ShardKeys } from './keys.ts';
import { asList, asNumber, asText, call, type Reply } from './scripts.ts';

interface Filter {
  readonly list: string;
  readonly status?: ExecutionStatus;
}

/** One sorted set of the many that a list is merged from. */
interface Source {
  readonly shard: ShardKeys;
  readonly key: string;
  /** The last place that was fetched. */
  last: Place | undefined;
  exhausted: boolean;
  /** How many to fetch; grows when all that came was known. */
  count: number;
}

interface Found extends Place {
  readonly shard: ShardKeys;
}

/** Merges the list's sets of all shards and statuses, fetching from each only what the page may need. */
export async function list(
  redis: Redis,
  keys: readonly ShardKeys[],
  filter: Filter,
  page: { limit: number; cursor?: string },
): Promise<{ executions: ExecutionSummary[]; cursor?: string }> {
  const after = page.cursor === undefined ? undefined : parseCursor(page.cursor);
  if (page.cursor !== undefined && !after) return { executions: [] };
  const sources = sourcesOf(keys, filter, after, page.limit);
  const found = new Map<ExecutionId, Found>();
  let best: Found[] = [];
  for (let open = sources; open.length > 0; ) {
    // The open executions come first in each shard: one that closes meanwhile is seen twice rather than not at all.
    await Promise.all(open.map((source) => fetchMore(redis, source, found)));
    best = [...found.values()].sort(comparePlaces).slice(0, page.limit + 1);
    open = sources.filter((source) => mayContribute(source, best, page.limit + 1));
  }
  const rows = best.slice(0, page.limit);
  const executions = await Promise.all(rows.map((row) => summarize(redis, row)));
  const last = rows.at(-1);
  return {
    executions: executions.filter((execution) => execution !== undefined),
    ...(last && best.length > rows.length && { cursor: formatCursor(last) }),
  };
}

function sourcesOf(keys: readonly ShardKeys[], filter: Filter, after: Place | undefined, limit: number): Source[] {
  const statuses = filter.status ? [filter.status] : EXECUTION_STATUSES;
  const count = Math.ceil((limit + 1) / keys.length) + 8;
  return keys.flatMap((shard) =>
    statuses.map((status) => ({
      shard,
      key: shard.index(filter.list, status),
      last: after,
      exhausted: false,
      count,
    })),
  );
}

async function fetchMore(redis: Redis, source: Source, found: Map<ExecutionId, Found>): Promise<void> {
  const { last } = source;
  const from = last ? last.startMs : '+inf';
  const reply = asList(
    await call(redis, 'ZREVRANGEBYSCORE', [source.key, from, '-inf', 'WITHSCORES', 'LIMIT', 0, source.count]),
  );
  for (let index = 0; index + 1 < reply.length; index += 2) {
    const place = { id: asText(reply[index]) as ExecutionId, startMs: Number(asText(reply[index + 1])) };
    if (last && comparePlaces(last, place) >= 0) continue;
    source.last = place;
    found.set(place.id, { ...place, shard: source.shard });
  }
  source.exhausted = reply.length < source.count * 2;
  // A page begins with the instant of the last, so progress needs room for all that started then.
  source.count *= 2;
}

/** Whether a source may still hold something that belongs among the best. */
function mayContribute(source: Source, best: readonly Found[], wanted: number): boolean {
  if (source.exhausted) return false;
  const worst = best[wanted - 1];
  return !worst || !source.last || comparePlaces(source.last, worst) < 0;
}

/** Undefined when retention took it since. */
async function summarize(redis: Redis, { id, shard }: Found): Promise<ExecutionSummary | undefined> {
  const kept = decodeRow(id, asList(await call(redis, 'HMGET', [shard.execution(id), ...ROW_FIELDS])));
  if (!kept) return undefined;
  const { error: _error, ...summary } = kept.row;
  return summary;
}

export async function countOpen(redis: Redis, keys: readonly ShardKeys[], stateMachineArn: string): Promise<number> {
  const counts = await Promise.all(
    keys.map((shard): Promise<Reply> => call(redis, 'ZCARD', [shard.index(stateMachineArn, 'RUNNING')])),
  );
  return counts.map(asNumber).reduce((sum, count) => sum + count, 0);
}
