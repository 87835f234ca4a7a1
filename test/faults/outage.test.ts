import { afterAll, beforeAll, expect, test } from 'vitest';
import { useRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { violationsOf, violationsOfBooks } from './support/invariants.ts';
import { Ledger } from './support/ledger.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { report } from './support/report.ts';
import { untilClean } from './support/residue.ts';
import { createActivity, createMachine, inLanes, startByName, tellAll, untilClosed } from './support/run.ts';
import { until } from './support/until.ts';

/** Redis stays away for so long that clients are told; then it is back, and everything goes on by itself. */

const EXECUTIONS = 200;

const redis = useRedis({ fsync: 'always' });
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

/** Sends a call once: the status, and when to send it again. */
async function ask(operation: string, input: object): Promise<{ status: number; retryAfter: string | null }> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` };
  const response = await fetch(local.url, { method: 'POST', headers, body: JSON.stringify(input) });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}

test(`${EXECUTIONS} executions outlast a Redis that is away until clients are told so`, async () => {
  const { api } = local;
  const activityArn = await createActivity(api, 'work');
  const work = { Type: 'Task', Resource: activityArn, ResultPath: null };
  const states = {
    First: { ...work, Next: 'Pause' },
    Pause: { Type: 'Wait', Seconds: 1, Next: 'Last' },
    Last: { ...work, End: true },
  };
  const machine = await createMachine(api, 'tasks', { StartAt: 'First', States: states });
  const worker = { api, ledger, activityArn, name: 'worker', concurrency: 8, heartbeatMs: 60_000 };
  const working = runActivityWorker(worker, stopped.signal);
  const starting = inLanes([...Array(EXECUTIONS).keys()], 8, (index) =>
    startByName(api, { stateMachineArn: machine, name: `e-${index}`, input: { key: `e-${index}`, workMs: 20 } }),
  );
  await until('some work is done', async () => (await ledger.read()).accepted.size > EXECUTIONS / 4);
  await redis.kill();
  const refused = await until('a client is told', async () => {
    const answer = await ask('StartExecution', { stateMachineArn: machine, name: 'told', input: '{}' });
    return answer.status !== 200 && answer;
  });
  expect(refused).toEqual({ status: 503, retryAfter: '1' });
  await redis.restart();
  const arns = await starting;
  await untilClosed(api, [machine]);

  const told = await tellAll(api, arns);
  expect(told.flatMap(violationsOf)).toEqual([]);
  expect(told.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  expect(violationsOfBooks(await ledger.read(), told)).toEqual([]);
  await untilClean(redis.url, EXECUTIONS);
  stopped.abort();
  await working;
  report(`Redis away until a client was told: ${EXECUTIONS} executions went on by themselves`);
});
