import type { Redis } from 'ioredis';
import type { ExecutionId } from '../../../schemas/task.ts';
import { compareNamePlaces, type NamePlace } from '../list-place.ts';
import type { Match } from './find-by-start.ts';
import { gather, type Source } from './gather.ts';
import { machineTag, paddedMs, type ShardKeys } from './keys.ts';
import { asList, asNumber, asText, type Reply, run, scripts } from './scripts.ts';
import { keyOf, prefixOf, type SearchPlan } from './search-plan.ts';

export type NamedMatch = Match & NamePlace & { readonly member: string };

interface NameSource extends Source<NamePlace> {
  readonly shard: ShardKeys;
}

/** Matches of a plan whose names begin with a text, in the order of names, behind a place. */
export async function findByName(
  redis: Redis,
  shards: readonly ShardKeys[],
  plan: SearchPlan,
  page: { prefix: string; limit: number; after: NamePlace | undefined },
): Promise<{ rows: readonly NamedMatch[]; more: NamePlace | undefined }> {
  if (plan.statuses.length === 0) return { rows: [], more: undefined };
  const count = Math.max(FIRST_LOOK, Math.ceil((page.limit + 1) / shards.length) + 8);
  const sources = shards.map((shard): NameSource => ({ shard, last: page.after, exhausted: false, count }));
  const look = async (open: readonly NameSource[]) =>
    (await Promise.all(open.map((source) => lookAt(redis, source, plan, page.prefix)))).flat();
  return gather<NamePlace, NameSource, NamedMatch>(sources, { look, compare: compareNamePlaces }, page.limit);
}

const FIRST_LOOK = 64;
const ID_LENGTH = 22;

async function lookAt(redis: Redis, source: NameSource, plan: SearchPlan, prefix: string): Promise<NamedMatch[]> {
  const { shard, last, count } = source;
  const conditions = [plan.base, ...plan.others];
  const keys = plan.statuses.flatMap((status) => conditions.map((condition) => keyOf(condition, shard, status)));
  const first = last && compareNamePlaces(last, { name: prefix, id: '' as ExecutionId }) >= 0;
  // Behind the id comes the machine's tag, of letters that are all before this one.
  const range = [first ? `(${last.name}\0${last.id}~` : `[${prefix}`, past(prefix)];
  const times = [paddedMs(plan.afterMs), paddedMs(plan.beforeMs)];
  const tag = plan.stateMachineArn === undefined ? '' : machineTag(plan.stateMachineArn);
  const args = [...range, count, ...times, tag, conditions.length, ...conditions.map(prefixOf)];
  const [exhausted, end, ...matches] = asList(await run(redis, scripts.searchNames, [shard.names, ...keys], args));
  source.exhausted = asNumber(exhausted) === 1;
  source.last = placeOf(end) ?? source.last;
  const found: NamedMatch[] = [];
  for (let at = 0; at + 2 < matches.length; at += 3) {
    const place = placeOf(matches[at]);
    const status = plan.statuses[asNumber(matches[at + 2])];
    const member = asText(matches[at]);
    if (place && status) found.push({ ...place, member, startMs: Number(asText(matches[at + 1])), shard, status });
  }
  return found;
}

/** Behind all that begin with the text: no UTF-8 has this byte. */
const past = (prefix: string): Buffer => Buffer.concat([Buffer.from(`(${prefix}`), Buffer.of(0xff)]);

function placeOf(member: Reply | undefined): NamePlace | undefined {
  const [name, id] = asText(member).split('\0');
  return id === undefined ? undefined : { name: name ?? '', id: id.slice(0, ID_LENGTH) as ExecutionId };
}
