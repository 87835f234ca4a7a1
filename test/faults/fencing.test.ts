import { Redis } from 'ioredis';
import { afterAll, beforeAll, test } from 'vitest';
import { shardKeys } from '../../engine/store/redis/keys.ts';
import { createRedisStore } from '../../engine/store/redis/redis-store.ts';
import type { Store } from '../../engine/store/store.ts';
import { Dice } from '../simulation/dice.ts';
import { useRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { ApiClient } from './support/api-client.ts';
import { Crowd } from './support/crowd.ts';
import { SHARDS } from './support/leases.ts';
import { Ledger } from './support/ledger.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { drawPlans } from './support/machines.ts';
import { expectSound, prepare } from './support/mixed-work.ts';
import { report } from './support/report.ts';
import { until } from './support/until.ts';

/** Somebody takes shards away from engines that live and work: whoever held one before writes nothing to it any more. */

const EXECUTIONS = 120;
const THEFTS = 60;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const redis = useRedis();
const books = useRedis();
let engines: LocalSystem[] = [];
let thief: Store;
let admin: Redis;
let ledger: Ledger;
const stopped = new AbortController();

beforeAll(async () => {
  engines = await Promise.all([startLocally(redis.url), startLocally(redis.url)]);
  thief = await createRedisStore({ url: `unix://${redis.url}`, shards: SHARDS, retentionMs: 86_400_000 });
  admin = new Redis(redis.url);
  ledger = new Ledger(books.url);
});
afterAll(async () => {
  stopped.abort();
  await Promise.all(engines.map((engine) => engine.stop()));
  await thief?.close();
  admin?.disconnect();
  ledger?.close();
});

/** Takes a shard as an engine would whose clock says that the lease has ended, and lets go of it at once. */
async function steal(shard: number): Promise<void> {
  await admin.hset(shardKeys('stepyard', shard).lease, 'expires', 0);
  const lease = await thief.shards.claim(shard, 'thief', 1);
  if (lease) await thief.shards.release(lease);
}

test(`${EXECUTIONS} executions end as if nothing had happened while shards are taken from their engines`, async () => {
  const dice = new Dice(SEED);
  const api = new ApiClient(engines.map(({ url }) => url));
  const work = await prepare(api);
  const worker = { api, ledger, activityArn: work.activityArn, name: 'worker', concurrency: 16, heartbeatMs: 500 };
  const working = runActivityWorker(worker, stopped.signal);
  const plans = drawPlans(dice, work.machines, EXECUTIONS);
  const crowd = new Crowd(api, plans, EXECUTIONS / 2);
  const thefts = Array.from({ length: THEFTS }, () => dice.below(2 * EXECUTIONS)).toSorted((a, b) => a - b);
  const stealing = async () => {
    for (const due of thefts) {
      await until(`progress ${due}`, () => crowd.progress >= due);
      await steal(dice.below(SHARDS));
    }
  };
  await Promise.all([crowd.run(), stealing()]);

  const told = await expectSound(api, work, { plans, ledger, redisPath: redis.url });
  stopped.abort();
  await working;
  const refused = engines.flatMap(({ trouble }) => trouble).filter((line) => line.includes('to another engine')).length;
  report(`seed ${SEED}: ${told.length} executions, ${THEFTS} shards taken away, ${refused} commits refused`);
});
