import { afterAll, beforeAll, expect, test } from 'vitest';
import { cartDefinition } from '../../examples/shopping-cart/workers.ts';
import { Dice } from '../simulation/dice.ts';
import type { GuardedRedis } from '../support/guarded-redis.ts';
import { startRedis } from '../support/redis.ts';
import { ApiClient } from './support/api-client.ts';
import { Chaos, type How } from './support/chaos.ts';
import { Crowd } from './support/crowd.ts';
import { Deployment } from './support/deployment.ts';
import { Ledger } from './support/ledger.ts';
import { drawPlans } from './support/machines.ts';
import { expectSound, type MixedWork, prepare } from './support/mixed-work.ts';
import { NodeProcess } from './support/node-process.ts';
import { report } from './support/report.ts';
import { arnOf } from './support/run.ts';
import { cartWorker, openShop, orders, shopViolations } from './support/shop.ts';
import { until } from './support/until.ts';

/**
 * Processes die at random while executions of all kinds run; what these come to is as if none had.
 * `SEED=n` repeats the schedule of a run.
 */

const EXECUTIONS = 260;
const ORDERS = 40;
/** What happens to each process. */
const STRIKES: readonly How[] = ['kill', 'kill', 'kill'];
const SERVER_STRIKES: readonly How[] = [...STRIKES, 'terminate', 'halt'];
const OPEN_AT_ONCE = 120;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

let deployment: Deployment;
/** The shop's and the workers' own. */
let books: GuardedRedis;
let ledger: Ledger;
let api: ApiClient;
let clients: ReadonlyMap<string, NodeProcess>;
let work: MixedWork;

beforeAll(async () => {
  [deployment, books] = await Promise.all([
    // With everysec, a Redis that is killed while the disk is slow loses what it has answered in the last second or two.
    Deployment.start({ roles: ['engine', 'engine', 'api', 'api', 'worker'], fsync: 'always' }),
    startRedis(),
  ]);
  ledger = new Ledger(books.url);
  api = new ApiClient(deployment.urls);
  await openShop(books.url);
  work = await prepare(api, () => ({ cart: JSON.parse(cartDefinition()) }));
  const [first = '', second = ''] = deployment.urls;
  clients = new Map([
    ['worker-a', activityWorker('worker-a')],
    ['worker-b', activityWorker('worker-b')],
    ['cart-a', cartWorker(first, books.url)],
    ['cart-b', cartWorker(second, books.url)],
  ]);
  await Promise.all([...clients.values()].map((client) => client.start()));
});

afterAll(async () => {
  ledger?.close();
  await Promise.all([...(clients?.values() ?? [])].map((client) => client.kill()));
  await Promise.all([deployment?.stop(), books?.stop()]);
});

const activityWorker = (name: string): NodeProcess =>
  new NodeProcess({
    script: new URL('./support/activity-worker-main.ts', import.meta.url),
    env: {
      API_URLS: deployment.urls.join(' '),
      LEDGER_URL: books.url,
      ACTIVITY_ARN: work.activityArn,
      WORKER_NAME: name,
    },
    isReady: (line) => line === 'ready',
  });

/** Redis is killed in the middle; later it and all servers are, at once. */
async function killMore(crowd: Crowd): Promise<void> {
  const { redis } = deployment;
  const servers = [...deployment.servers.values()];
  await until('half of all is done', () => crowd.closed >= (EXECUTIONS + ORDERS) / 2);
  await redis.kill();
  await redis.restart();
  await until('most of all is done', () => crowd.closed >= (EXECUTIONS + ORDERS) * 0.75);
  await Promise.all([redis.kill(), ...servers.map((server) => server.kill())]);
  await redis.restart();
  await Promise.all(servers.map((server) => server.start().catch(() => {})));
}

test(`${EXECUTIONS + ORDERS} executions end as if nothing had happened while processes are killed`, async () => {
  const dice = new Dice(SEED);
  const plans = drawPlans(dice, work.machines, EXECUTIONS);
  const carts = orders(work.machines.get('cart') ?? '', ORDERS);
  const starts = [...plans, ...carts].map((start) => ({ start, at: dice.next() })).toSorted((a, b) => a.at - b.at);
  const crowd = new Crowd(
    api,
    starts.map(({ start }) => start),
    OPEN_AT_ONCE,
  );
  const victims = new Map([...deployment.servers, ...clients]);
  const strikes = (victim: string) => (deployment.servers.has(victim) ? SERVER_STRIKES : STRIKES);
  const chaos = new Chaos(dice, victims, strikes, 2 * starts.length);
  report(
    `seed ${SEED}: ${starts.length} executions, ${chaos.count('kill')} kills of one process, one of Redis, one of all; ` +
      `${chaos.count('terminate')} told to end, ${chaos.count('halt')} asleep beyond their lease`,
  );
  await Promise.all([crowd.run(), chaos.run(() => crowd.progress), killMore(crowd)]);

  const judged = { plans, extra: carts.length, ledger, redisPath: deployment.redis.url };
  const told = await expectSound(api, work, judged);
  const ofCarts = new Set(carts.map(arnOf));
  expect(
    await shopViolations(
      books.url,
      told.filter(({ executionArn }) => ofCarts.has(executionArn)),
    ),
  ).toEqual([]);
  expect([...deployment.crashes, ...chaos.complaints]).toEqual([]);
  const again = [...(await ledger.read()).delivered.values()].filter((times) => times > 1).length;
  report(
    `all ${told.length} sound; ${again} tasks reached a worker twice, since an API died before it could note that one had it`,
  );
});
