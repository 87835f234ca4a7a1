import { Redis } from 'ioredis';
import { registryKeys, shardKeys } from '../../../engine/store/redis/keys.ts';
import { until } from './until.ts';

const PREFIX = 'stepyard';
const SHARDS = 16;

/** What a queue of BullMQ keeps although it is empty: counters, settings, its trimmed events. */
const QUEUE_KEEPS = /:(id|meta|events|stalled-check|marker)$/;

/** Lists of executions, Map Runs and their results. */
const LISTED = /^stepyard:\{s\d\d\}:[imn]:/;

/**
 * What is left in Redis when every execution has ended: inboxes, outboxes, timers, tasks and queues are empty; of each
 * execution its record and history are there, of those that did not succeed the frames, Map Runs and their results, and nothing else is.
 *
 * @returns a sentence for each thing that should not be there
 */
async function residueOf(url: string, executions: number, stale: RegExp): Promise<string[]> {
  const redis = new Redis(url);
  try {
    return [...(await inShards(redis)), ...(await unknownKeys(redis, executions, stale))];
  } finally {
    redis.disconnect();
  }
}

/** No key at all. */
const NONE = /^$/;

/** Waits until nothing is left but keys that may be stale: workers drop the jobs of tasks that nobody wants any more when they come upon them. */
export async function untilClean(url: string, executions: number, stale = NONE): Promise<void> {
  let left: string[] = [];
  await until('nothing is left', async () => {
    left = await residueOf(url, executions, stale);
    return left.length === 0;
  }).catch((error: unknown) => {
    throw new Error(`Left in Redis: ${left.slice(0, 20).join('; ')}`, { cause: error });
  });
}

async function inShards(redis: Redis): Promise<string[]> {
  const found: string[] = [];
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const { inbox, outbox, timers, notices } = shardKeys(PREFIX, shard);
    const [entries, tasks, due, untold] = await Promise.all([
      redis.xrange(inbox, '-', '+'),
      redis.zrange(outbox, 0, -1),
      redis.zrange(timers, 0, -1),
      redis.zrange(notices, 0, -1),
    ]);
    for (const [id, fields] of entries) found.push(`inbox ${shard}: ${id} ${fields}`);
    for (const member of tasks) found.push(`outbox ${shard}: ${member}`);
    for (const member of due) found.push(`timers ${shard}: ${member}`);
    for (const id of untold) found.push(`notices ${shard}: ${id}`);
  }
  return found;
}

async function unknownKeys(redis: Redis, executions: number, stale: RegExp): Promise<string[]> {
  const known = knownKeys();
  const found: string[] = [];
  const counts = { records: 0, histories: 0 };
  for (const key of await allKeys(redis)) {
    const inShard = /^stepyard:\{s\d\d\}:(\w):/.exec(key)?.[1];
    if (inShard === 'x') counts.records += 1;
    else if (inShard === 'h') counts.histories += 1;
    else if (inShard === 'w') found.push(...(await outstanding(redis, key)));
    else if (inShard === 'i' && key.endsWith(':RUNNING')) found.push(`${key} is not empty`);
    else if (!known(key) && !stale.test(key)) found.push(`${key} is there`);
  }
  if (counts.records !== executions) found.push(`there are ${counts.records} records of ${executions} executions`);
  if (counts.histories !== executions)
    found.push(`there are ${counts.histories} histories of ${executions} executions`);
  return found;
}

/** What a redrive goes on with may stay: head and frames, but no task and no timer. */
async function outstanding(redis: Redis, key: string): Promise<string[]> {
  const fields = await redis.hkeys(key);
  return fields.filter((field) => !/^[hf]/.test(field)).map((field) => `${key} has ${field}`);
}

/** A scan may tell a key twice. */
async function allKeys(redis: Redis): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for await (const keys of redis.scanStream({ count: 1000 })) for (const key of keys as string[]) all.add(key);
  return all;
}

/** Keys that belong to no execution: they stay. */
function knownKeys(): (key: string) => boolean {
  const registry = registryKeys(PREFIX).machine('').slice(0, -'machine:'.length);
  const shards = Array.from({ length: SHARDS }, (_, shard) => Object.values(shardKeys(PREFIX, shard)));
  const lasting = new Set<unknown>(shards.flat());
  return (key) => key.startsWith(registry) || lasting.has(key) || LISTED.test(key) || QUEUE_KEEPS.test(key);
}
