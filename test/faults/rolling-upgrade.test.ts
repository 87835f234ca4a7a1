import { Redis } from 'ioredis';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Dice } from '../simulation/dice.ts';
import { startRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { ApiClient } from './support/api-client.ts';
import { Crowd } from './support/crowd.ts';
import { Deployment, SERVER } from './support/deployment.ts';
import { unpackVersion } from './support/earlier-version.ts';
import { readLeases, SHARDS, untilShared } from './support/leases.ts';
import { Ledger } from './support/ledger.ts';
import { drawPlans } from './support/machines.ts';
import { expectSound, prepare } from './support/mixed-work.ts';
import { report } from './support/report.ts';
import { arnOf, childrenOf, createActivity } from './support/run.ts';
import { countsOf, lookForOpen } from './support/search.ts';
import { until } from './support/until.ts';
import { ITEMS, upgradeDefinitions, upgradePlans } from './support/upgrade-work.ts';

/**
 * One process after the other becomes the present version, back, and the present one again, while executions of all kinds run: for
 * a while both versions own shards and answer requests side by side. What the executions come to is as if nothing had happened.
 */

const EARLIER = '0.1.0';
const EXECUTIONS = 120;
const EACH = 6;
const OPEN_AT_ONCE = 70;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const earlier = unpackVersion(EARLIER);
afterAll(() => earlier.remove());

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Which executions are in a state is counted from these; an engine of the version before does not take away those that it closes. */
const STATES = /^stepyard:\{s\d\d\}:q:/;

/** Which process becomes which version when so much of the work is done. */
const STEPS = [
  { progress: 0.1, server: 'all-0', version: SERVER },
  { progress: 0.35, server: 'all-1', version: SERVER },
  { progress: 0.55, server: 'all-0', version: earlier.script },
  { progress: 0.75, server: 'all-0', version: SERVER },
] as const;

async function deploy() {
  const deployment = await Deployment.start({ roles: ['all', 'all'], fsync: 'always', script: earlier.script });
  cleanups.push(() => deployment.stop());
  const books = await startRedis();
  cleanups.push(() => books.stop());
  const ledger = new Ledger(books.url);
  cleanups.push(() => ledger.close());
  const redis = new Redis(deployment.redis.url);
  cleanups.push(() => redis.disconnect());
  const api = new ApiClient(deployment.urls);
  const late = await createActivity(api, 'late');
  const work = await prepare(api, (activityArn, child) => upgradeDefinitions(activityArn, late, child));
  const startWorker = (activityArn: string) => {
    const stopped = new AbortController();
    const worker = { api: new ApiClient(deployment.urls, 1), ledger, activityArn, heartbeatMs: 500 };
    const working = runActivityWorker({ ...worker, name: 'worker', concurrency: 12 }, stopped.signal);
    cleanups.push(async () => {
      stopped.abort();
      await working;
    });
  };
  return { deployment, ledger, redis, api, late, work, startWorker };
}

/** Ends a process and starts it as another version; both processes have their share of the shards afterwards. */
async function replace(
  { deployment, redis }: Pick<Awaited<ReturnType<typeof deploy>>, 'deployment' | 'redis'>,
  { server: name, version }: Pick<(typeof STEPS)[number], 'server' | 'version'>,
  how: 'terminate' | 'kill',
): Promise<void> {
  const server = deployment.server(name);
  if (how === 'kill') await server.kill();
  else expect(await server.terminate()).toBe(0);
  server.become(version);
  await server.start();
  await untilShared(redis, [...deployment.servers.values()]);
}

/** Redrives a few that have failed, which fail again: either version may be asked, and either may go on with them. */
async function redriveSome(api: ApiClient, stateMachineArn: string): Promise<number> {
  const { executions } = await api.call('ListExecutions', { stateMachineArn, statusFilter: 'FAILED', maxResults: 5 });
  const arns = (executions as { executionArn: string }[]).map(({ executionArn }) => executionArn);
  await Promise.all(arns.map((executionArn) => api.call('RedriveExecution', { executionArn })));
  return arns.length;
}

test.each(['terminate', 'kill'] as const)(
  'executions go on while processes become another version and back (%s)',
  async (how) => {
    const deployed = await deploy();
    const { deployment, ledger, api, late, work, startWorker } = deployed;
    startWorker(work.activityArn);
    const dice = new Dice(SEED);
    const plans = [...drawPlans(dice, work.machines, EXECUTIONS), ...upgradePlans(work.machines, EACH)]
      .map((plan) => ({ plan, at: dice.next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ plan }) => plan);
    const crowd = new Crowd(api, plans, OPEN_AT_ONCE);
    let redriven = 0;
    const upgrade = async () => {
      for (const step of STEPS) {
        await until(`${step.progress} is done`, () => crowd.closed >= step.progress * (plans.length - EACH));
        await replace(deployed, step, how);
        redriven += await redriveSome(api, work.machines.get('rollback') ?? '');
      }
      startWorker(late);
    };
    await Promise.all([crowd.run(), upgrade()]);

    // Processes of the version before did not keep the indexes of the search: it puts right what it comes upon.
    const [url = ''] = deployment.urls;
    expect(await lookForOpen(url, work.machines.values())).toEqual([]);
    expect((await countsOf(url)).statuses['RUNNING']).toBe(0);
    const unlisted = await childrenOf(api, plans.map(arnOf));
    expect(unlisted).toHaveLength(EACH * ITEMS);
    const executions = { plans, extra: EACH, unlisted, stale: STATES };
    const told = await expectSound(api, work, { ...executions, ledger, redisPath: deployment.redis.url });
    const owners = new Set((await readLeases(deployed.redis)).map(({ pid }) => pid));
    expect(owners.size).toBe(2);
    expect(deployment.crashes).toEqual([]);
    report(
      `seed ${SEED}: ${told.length} executions, ${redriven} redriven, through ${STEPS.length} changes of version (${how}), ${SHARDS} shards`,
    );
  },
);
