import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { executionId, shardOf } from '../../engine/store/execution-id.ts';
import { useRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { ApiClient } from './support/api-client.ts';
import { Deployment } from './support/deployment.ts';
import { violationsOf, violationsOfBooks } from './support/invariants.ts';
import { readLeases, SHARDS } from './support/leases.ts';
import { Ledger } from './support/ledger.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import { createActivity, createMachine, startByName, tell, untilClosed } from './support/run.ts';
import { until } from './support/until.ts';

/** A Map of many items whose engines are killed in the middle: no item is lost, done twice or out of its place. */

const ITEMS = 1500;
const KILLS = 3;

const books = useRedis();
let deployment: Deployment;
let admin: Redis;
let ledger: Ledger;
const stopped = new AbortController();

beforeAll(async () => {
  deployment = await Deployment.start({ roles: ['engine', 'engine', 'api'] });
  admin = new Redis(deployment.redis.url);
  ledger = new Ledger(books.url);
});
afterAll(async () => {
  stopped.abort();
  admin?.disconnect();
  ledger?.close();
  await deployment?.stop();
});

test(`${ITEMS} items, and ${KILLS} engines killed`, async () => {
  const api = new ApiClient(deployment.urls);
  const activityArn = await createActivity(api, 'work');
  const items = Array.from({ length: ITEMS }, (_, index) => index);
  const task = {
    Type: 'Task',
    Resource: activityArn,
    Parameters: { 'key.$': "States.Format('{}', $)", 'value.$': '$' },
    OutputPath: '$.value',
    End: true,
  };
  const each = {
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: { StartAt: 'Work', States: { Work: task } },
    End: true,
  };
  const machine = await createMachine(api, 'map', { StartAt: 'Each', States: { Each: each } });
  const worker = { api, ledger, activityArn, name: 'worker', concurrency: 16, heartbeatMs: 60_000 };
  const working = runActivityWorker(worker, stopped.signal);
  const arn = await startByName(api, { stateMachineArn: machine, name: 'large', input: { items } });
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const due = (ITEMS * kill) / (KILLS + 1);
    await until(`${due} items are done`, async () => (await ledger.read()).accepted.size >= due);
    await killOwner(arn);
  }
  await untilClosed(api, [machine]);
  const told = await tell(api, arn);
  expect(violationsOf(told)).toEqual([]);
  expect(JSON.parse(told.output ?? '')).toEqual(items);
  expect(told.events.filter(({ type }) => type === 'MapIterationSucceeded')).toHaveLength(ITEMS);
  expect(told.events.filter(({ type }) => type === 'ActivityStarted')).toHaveLength(ITEMS);
  expect(violationsOfBooks(await ledger.read(), [told])).toEqual([]);
  await untilClean(deployment.redis.url, 1);
  stopped.abort();
  await working;
  expect(deployment.crashes).toEqual([]);
  report(`a Map of ${ITEMS} items: ${KILLS} times its engine killed, ${told.events.length} events`);
});

/** Kills the engine that drives an execution, once it is one that lives. */
async function killOwner(executionArn: string): Promise<void> {
  const shard = shardOf(executionId(executionArn), SHARDS);
  const owner = await until('a live engine has the shard', async () => {
    const { pid } = (await readLeases(admin))[shard] ?? {};
    return [...deployment.servers.values()].find((server) => server.isAlive && server.pid === pid);
  });
  await owner.kill();
  await owner.start();
}
