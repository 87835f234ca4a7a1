import type { Redis } from 'ioredis';
import type { ExecutionStatus } from '../../../schemas/execution.ts';
import type { ExecutionId } from '../../../schemas/task.ts';
import { comparePlaces, type Place } from '../list-place.ts';
import { CANDIDATES_PER_PAGE } from '../search.ts';
import { gather, type Source } from './gather.ts';
import { paddedMs, type ShardKeys } from './keys.ts';
import { asList, asNumber, asText, type Reply, run, scripts } from './scripts.ts';
import { type Condition, inOrder, keyOf, prefixOf, type SearchPlan } from './search-plan.ts';

/** An execution that is in the indexes of a status. How it stands is another question. */
export interface Match extends Place {
  readonly shard: ShardKeys;
  readonly status: ExecutionStatus;
}

interface StatusSource extends Source<Place> {
  readonly shard: ShardKeys;
  readonly status: ExecutionStatus;
  last: Place;
}

interface Found {
  readonly rows: readonly Match[];
  readonly more: Place | undefined;
}

/** Matches of a plan, newest first, behind a place. */
export async function findByStart(
  redis: Redis,
  shards: readonly ShardKeys[],
  plan: SearchPlan,
  { limit, after }: { limit: number; after: Place | undefined },
): Promise<Found> {
  const begin = beginOf(plan, after);
  const [shard] = shards;
  if (!shard || plan.statuses.length === 0) return { rows: [], more: undefined };
  if (plan.others.length === 0) return gatherAll(redis, shards, plan, [plan.base], { begin, limit });
  const { conditions } = await inOrder(redis, shard, { ...plan, beforeMs: begin.startMs + 1 });
  return gatherAll(redis, shards, plan, conditions, { begin, limit });
}

/** More are looked through in the order that is wanted instead. */
const FEW = 400;

/** All matches of a plan when they are few, which shows before they are found. */
export async function findFew(
  redis: Redis,
  shards: readonly ShardKeys[],
  plan: SearchPlan,
): Promise<readonly Match[] | undefined> {
  const [shard] = shards;
  if (!shard || plan.statuses.length === 0) return [];
  const { conditions, size } = await inOrder(redis, shard, plan);
  if (size * shards.length > FEW) return undefined;
  const page = { begin: beginOf(plan, undefined), limit: CANDIDATES_PER_PAGE };
  const { rows, more } = await gatherAll(redis, shards, plan, conditions, page);
  return more ? undefined : rows;
}

function gatherAll(
  redis: Redis,
  shards: readonly ShardKeys[],
  plan: SearchPlan,
  conditions: readonly Condition[],
  { begin, limit }: { begin: Place; limit: number },
): Promise<Found> {
  const sources = sourcesOf(shards, plan, begin, limit, conditions.length > 1);
  const look = (open: readonly StatusSource[]) => lookAt(redis, open, conditions, plan.afterMs);
  return gather<Place, StatusSource, Match>(sources, { look, compare: comparePlaces }, limit);
}

/** No id is empty: the place is before all that started earlier. */
function beginOf({ beforeMs }: SearchPlan, after: Place | undefined): Place {
  const first: Place = { startMs: beforeMs, id: '' as ExecutionId };
  return after && comparePlaces(after, first) > 0 ? after : first;
}

/** Of one shard, when other conditions have to be met as well. Further looks are at twice as many each, where that matters. */
const FIRST_LOOK = 64;
const LEAST_LOOK = 8;

function sourcesOf(
  shards: readonly ShardKeys[],
  { statuses }: SearchPlan,
  last: Place,
  limit: number,
  isFiltered: boolean,
): StatusSource[] {
  const ofShard = Math.max(isFiltered ? FIRST_LOOK : 0, Math.ceil((limit + 1) / shards.length));
  const count = Math.ceil(ofShard / statuses.length) + LEAST_LOOK;
  return shards.flatMap((shard) => statuses.map((status) => ({ shard, status, last, exhausted: false, count })));
}

/** One script for each shard: what closes meanwhile is seen as open or as closed. */
async function lookAt(
  redis: Redis,
  sources: readonly StatusSource[],
  conditions: readonly Condition[],
  afterMs: number,
): Promise<readonly Match[]> {
  const byShard = Map.groupBy(sources, ({ shard }) => shard);
  const found = [...byShard].map(async ([shard, ofShard]) => {
    const keys = ofShard.flatMap(({ status }) => conditions.map((condition) => keyOf(condition, shard, status)));
    const places = ofShard.flatMap(({ count, last }) => [count, paddedMs(last.startMs), last.id]);
    const args = [conditions.length, ...conditions.map(prefixOf), paddedMs(afterMs), ...places];
    const answers = asList(await run(redis, scripts.search, keys, args));
    return ofShard.flatMap((source, index) => readAnswer(source, asList(answers[index])));
  });
  return (await Promise.all(found)).flat();
}

function readAnswer(source: StatusSource, [exhausted, ...places]: readonly Reply[]): Match[] {
  source.exhausted = asNumber(exhausted) === 1;
  const { shard, status } = source;
  const [last, ...matches] = readPlaces(places);
  if (last) source.last = last;
  return matches.map((place) => ({ ...place, shard, status }));
}

function readPlaces(replies: readonly Reply[]): Place[] {
  const places: Place[] = [];
  for (let at = 0; at + 1 < replies.length; at += 2) {
    places.push({ startMs: Number(asText(replies[at])), id: asText(replies[at + 1]) as ExecutionId });
  }
  return places;
}
