import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { violationsOf, violationsOfBooks } from './support/invariants.ts';
import { Ledger } from './support/ledger.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import {
  createActivity,
  createMachine,
  inLanes,
  openExecutions,
  startByName,
  tellAll,
  untilClosed,
} from './support/run.ts';
import { until } from './support/until.ts';

/** The queues are only a way to hand tasks out: when they are gone, and the scripts with them, the tasks come again. */

const EXECUTIONS = 150;

const redis = useRedis();
const books = useRedis();
let local: LocalSystem;
let ledger: Ledger;
const stopped = new AbortController();

beforeAll(async () => {
  local = await startLocally(redis.url);
  ledger = new Ledger(books.url);
});
afterAll(async () => {
  stopped.abort();
  await local?.stop();
  ledger?.close();
});

/** Deletes every key of every queue, and makes Redis forget all scripts. Answers how many keys that were. */
async function loseQueues(admin: Redis): Promise<number> {
  const keys = await admin.keys('stepyard:{*}:*');
  const queues = keys.filter((key) => !/^stepyard:\{(s\d\d|registry)\}:/.test(key));
  await admin.multi().del(queues).script('FLUSH').exec();
  return queues.length;
}

test(`${EXECUTIONS} executions get their tasks although all queues and scripts were lost`, async () => {
  const { api } = local;
  const admin = new Redis(redis.url);
  const activityArn = await createActivity(api, 'work');
  const task = (next: object) => ({ Type: 'Task', Resource: activityArn, ResultPath: null, ...next });
  const states = { First: task({ Next: 'Second' }), Second: task({ End: true }) };
  const machine = await createMachine(api, 'tasks', { StartAt: 'First', States: states });
  const arns = await inLanes([...Array(EXECUTIONS).keys()], 8, (index) =>
    startByName(api, { stateMachineArn: machine, name: `e-${index}`, input: { key: `e-${index}`, workMs: 5 } }),
  );
  const open = async () => (await openExecutions(api, machine)).length;
  const worker = { api, ledger, activityArn, name: 'worker', concurrency: 4, heartbeatMs: 60_000 };
  const working = runActivityWorker(worker, stopped.signal);
  await until('a third is done', async () => (await open()) <= (EXECUTIONS * 2) / 3);
  const lost = await loseQueues(admin);
  await untilClosed(api, [machine]);
  admin.disconnect();

  const told = await tellAll(api, arns);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  expect(violationsOfBooks(await ledger.read(), told)).toEqual([]);
  await untilClean(redis.url, EXECUTIONS);
  stopped.abort();
  await working;
  report(`queues lost with ${lost} keys: the tasks of ${EXECUTIONS} executions came again`);
});
