import { afterAll, beforeAll, test } from 'vitest';
import { Dice } from '../simulation/dice.ts';
import { useRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { Crowd } from './support/crowd.ts';
import { CuttingProxy } from './support/cutting-proxy.ts';
import { Ledger } from './support/ledger.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { drawPlans } from './support/machines.ts';
import { expectSound, prepare } from './support/mixed-work.ts';
import { report } from './support/report.ts';
import { until } from './support/until.ts';

/** Every connection to Redis falls silent without being closed, as when a cable is pulled: new ones take their place. */

const EXECUTIONS = 60;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const redis = useRedis();
const books = useRedis();
let proxy: CuttingProxy;
let local: LocalSystem;
let ledger: Ledger;
const stopped = new AbortController();

beforeAll(async () => {
  proxy = new CuttingProxy(redis.url, () => undefined);
  local = await startLocally(proxy.path);
  ledger = new Ledger(books.url);
});
afterAll(async () => {
  stopped.abort();
  await local?.stop();
  await proxy?.stop();
  ledger?.close();
});

test(`${EXECUTIONS} executions go on when all connections to Redis have fallen silent`, async () => {
  const { api } = local;
  const work = await prepare(api);
  const worker = { api, ledger, activityArn: work.activityArn, name: 'worker', concurrency: 16, heartbeatMs: 500 };
  const working = runActivityWorker(worker, stopped.signal);
  const plans = drawPlans(new Dice(SEED), work.machines, EXECUTIONS);
  const crowd = new Crowd(api, plans, EXECUTIONS / 2);
  const falling = until('a third is done', () => crowd.closed >= EXECUTIONS / 3).then(() => proxy.silence());
  await Promise.all([crowd.run(), falling]);
  const told = await expectSound(api, work, { plans, ledger, redisPath: redis.url });
  stopped.abort();
  await working;
  report(`seed ${SEED}: ${told.length} executions outlast connections that fell silent`);
});
