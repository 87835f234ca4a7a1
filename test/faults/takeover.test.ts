import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { shardOf } from '../../engine/store/execution-id.ts';
import { parseTaskToken } from '../../schemas/task.ts';
import { startRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { ApiClient } from './support/api-client.ts';
import { Deployment, type Role } from './support/deployment.ts';
import { type Told, violationsOf } from './support/invariants.ts';
import { readLeases, SHARDS, takings, untilShared } from './support/leases.ts';
import { Ledger } from './support/ledger.ts';
import type { NodeProcess } from './support/node-process.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import { createActivity, createMachine, inLanes, startByName, tellAll, untilClosed } from './support/run.ts';
import { until } from './support/until.ts';

/** Shards change hands: when their engine dies, when it ends, and when it sleeps so long that it is taken for dead. */

const LEASE_MS = 1500;
/** Only tells a takeover from none. */
const GUARD_MS = 20_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Two engines with an equal share each, and what is needed to work with them. */
async function twoEngines(leaseMs: number, apis: readonly Role[] = ['api', 'api']) {
  const deployment = await Deployment.start({ roles: ['engine', 'engine', ...apis], leaseMs });
  cleanups.push(() => deployment.stop());
  const redis = new Redis(deployment.redis.url);
  cleanups.push(() => redis.disconnect());
  const engines = [deployment.server('engine-0'), deployment.server('engine-1')];
  const leases = await untilShared(redis, engines);
  const api = new ApiClient(deployment.urls);
  const activityArn = await createActivity(api, 'work');
  const [first] = leases;
  const owner = find(engines, ({ pid }) => pid === first?.pid);
  const other = find(engines, ({ pid }) => pid !== first?.pid);
  return { deployment, redis, api, activityArn, owner, other };
}

function find(engines: readonly NodeProcess[], is: (engine: NodeProcess) => boolean): NodeProcess {
  const found = engines.find(is);
  if (!found) throw new Error('No such engine');
  return found;
}

/** Works on the tasks of an activity until the test ends. */
async function startWorker(urls: readonly string[], activityArn: string): Promise<void> {
  const books = await startRedis();
  cleanups.push(() => books.stop());
  const ledger = new Ledger(books.url);
  cleanups.push(() => ledger.close());
  const stopped = new AbortController();
  const options = {
    api: new ApiClient(urls),
    ledger,
    activityArn,
    name: 'worker',
    concurrency: 16,
    heartbeatMs: 60_000,
  };
  const working = runActivityWorker(options, stopped.signal);
  cleanups.push(async () => {
    stopped.abort();
    await working;
  });
}

const taskOf = (resource: string) => ({
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: resource, End: true } },
});
const WAIT = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 1, End: true } } };

/** Starts so many executions and answers their ARNs. */
const startMany = (api: ApiClient, stateMachineArn: string, count: number, prefix = 'e'): Promise<string[]> =>
  inLanes([...Array(count).keys()], 16, (index) =>
    startByName(api, { stateMachineArn, name: `${prefix}-${index}`, input: { key: `${prefix}-${index}` } }),
  );

async function expectAllSucceeded(api: ApiClient, arns: readonly string[]): Promise<Told[]> {
  const told = await tellAll(api, arns);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  return told;
}

describe('two engines', () => {
  test('when one is killed, the other has its shards when the lease ends, and 1,000 open executions go on', async () => {
    const { deployment, redis, api, activityArn, owner, other } = await twoEngines(LEASE_MS);
    const machine = await createMachine(api, 'task', taskOf(activityArn));
    const waiting = await createMachine(api, 'wait', WAIT);
    const arns = await startMany(api, machine, 1000);
    const waits = await startMany(api, waiting, 50, 'w');
    const before = (await readLeases(redis)).filter(({ pid }) => pid === owner.pid);
    await owner.kill();
    const dead = await readLeases(redis);
    const [seconds = 0] = await redis.time();
    const leases = await untilOwned(redis, other, SHARDS);

    for (const { shard, epoch } of before) {
      const { expiresMs = 0 } = dead.find((lease) => lease.shard === shard) ?? {};
      // The lease is in Redis a moment before the engine has told of it.
      const taken = await until(`shard ${shard} told of`, () =>
        takings(other).findLast((taking) => taking.shard === shard),
      );
      expect(leases[shard]?.epoch).toBe(epoch + 1);
      expect(expiresMs).toBeLessThanOrEqual((Number(seconds) + 1) * 1000 + LEASE_MS);
      expect(taken.time).toBeGreaterThanOrEqual(expiresMs);
      expect(taken.time).toBeLessThan(expiresMs + GUARD_MS);
    }
    await startWorker(deployment.urls, activityArn);
    await untilClosed(api, [machine, waiting]);
    await expectAllSucceeded(api, arns);
    const late = (await expectAllSucceeded(api, waits)).map(latenessOf);
    expect(Math.max(...late)).toBeLessThan(LEASE_MS + GUARD_MS);
    await untilClean(deployment.redis.url, arns.length + waits.length);
    report(
      `engine killed with ${before.length} shards and ${arns.length + waits.length} open executions: all went on, ` +
        `the latest timer ${Math.max(...late)} ms late, with leases of ${LEASE_MS} ms`,
    );
  });

  test('when one is told to end, the other has its shards at once', async () => {
    // With such a lease nothing but a hand-over moves a shard.
    const { deployment, redis, api, activityArn, owner, other } = await twoEngines(600_000, ['api']);
    const machine = await createMachine(api, 'task', taskOf(activityArn));
    const arns = await startMany(api, machine, 100);
    expect(await owner.terminate()).toBe(0);
    await untilOwned(redis, other, SHARDS);
    await startWorker(deployment.urls, activityArn);
    await untilClosed(api, [machine]);
    await expectAllSucceeded(api, arns);
    await untilClean(deployment.redis.url, arns.length);
    report(`engine told to end: its shards were handed over, ${arns.length} executions went on`);
  });

  test('when one sleeps beyond its lease and wakes up, it writes nothing', async () => {
    const { deployment, redis, api, activityArn, owner, other } = await twoEngines(LEASE_MS);
    const machine = await createMachine(api, 'task', taskOf(activityArn));
    const arns = await startMany(api, machine, 160);
    const tokens = await takeAll(api, activityArn, arns.length);
    const before = (await readLeases(redis)).filter(({ pid }) => pid === owner.pid);
    const shards = new Set(before.map(({ shard }) => shard));
    await owner.halt();
    // They reach the sleeper's socket: it has them in hand when it wakes up.
    const mine = tokens.filter((token) => shards.has(shardOfToken(token)));
    await settleAll(api, mine);
    await untilOwned(redis, other, SHARDS);
    await settleAll(
      api,
      tokens.filter((token) => !mine.includes(token)),
    );
    await untilClosed(api, [machine]);
    const asleep = await expectAllSucceeded(api, arns);

    owner.goOn();
    await until('the sleeper knows', () => lossesOf(owner).length >= before.length);
    await untilShared(redis, [owner, other]);
    expect(await tellAll(api, arns)).toEqual(asleep);
    const more = await startMany(api, machine, 50, 'after');
    await startWorker(deployment.urls, activityArn);
    await untilClosed(api, [machine]);
    await expectAllSucceeded(api, more);
    await untilClean(deployment.redis.url, arns.length + more.length);
    expect(deployment.crashes).toEqual([]);
    const fenced = lossesOf(owner).filter((line) => line.includes('to another engine')).length;
    report(`engine slept beyond its lease on ${mine.length} results: ${fenced} of its commits were refused`);
  });
});

/** By how many milliseconds an execution of {@link WAIT} left its state too late. */
function latenessOf({ events }: Told): number {
  const at = (type: string) => events.find((event) => event.type === type)?.timestamp ?? 0;
  return Math.round((at('WaitStateExited') - at('WaitStateEntered')) * 1000) - 1000;
}

/** Waits until an engine has so many shards. */
const untilOwned = (redis: Redis, engine: NodeProcess, count: number) =>
  until(`an engine has ${count} shards`, async () => {
    const leases = await readLeases(redis);
    return leases.filter(({ pid }) => pid === engine.pid).length === count ? leases : undefined;
  });

/** Takes so many tasks and answers their tokens. */
async function takeAll(api: ApiClient, activityArn: string, count: number): Promise<string[]> {
  return inLanes([...Array(count).keys()], 16, async () => {
    const { taskToken } = await api.call('GetActivityTask', { activityArn });
    return String(taskToken);
  });
}

const settleAll = (api: ApiClient, tokens: readonly string[]) =>
  inLanes(tokens, 16, (taskToken) => api.call('SendTaskSuccess', { taskToken, output: '{}' }));

function shardOfToken(text: string): number {
  const token = parseTaskToken(text);
  return token ? shardOf(token.executionId, SHARDS) : -1;
}

/** How an engine tells that it has lost a shard. */
const lossesOf = (engine: NodeProcess): string[] =>
  engine.lines.filter((line) => /lost the shard to another engine|the lease of a shard ran out/.test(line));
