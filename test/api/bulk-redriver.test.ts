import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BulkRedriver } from '../../api/bulk-redriver.ts';
import { REDRIVE_TOKENS, StoreUnavailable } from '../../engine/store/store.ts';
import { rest } from './support/rest.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** How a redrive of many executions goes on: after deaths, when it is cancelled, when a process stops. No engine runs here. */

const SCOPE = 'arn:aws:states:us-east-1:000000000000';
const stateMachineArn = `${SCOPE}:stateMachine:cart`;
const arnOf = (index: number) => `${SCOPE}:execution:cart:e-${index}`;
const COUNT = 150;
const PACE = { leaseMs: 50, pollMs: 5, perSecond: 1_000_000 };

let api: RunningApi;
let endpoint = '';
const redrivers: BulkRedriver[] = [];

beforeEach(async () => {
  api = await runApi();
  endpoint = `http://127.0.0.1:${api.port}`;
  const definition = '{"StartAt":"Pay","States":{"Pay":{"Type":"Pass","End":true}}}';
  await api.call('CreateStateMachine', { name: 'cart', definition, roleArn: 'arn:aws:iam::012345678901:role/cart' });
  for (let index = 0; index < COUNT; index += 1) {
    await api.call('StartExecution', { stateMachineArn, name: `e-${index}` });
    await api.store.commit(arnOf(index), { state: { status: 'FAILED', stopMs: Date.now() }, events: ['{"id":1}'] });
  }
});
afterEach(async () => {
  await Promise.all(redrivers.splice(0).map((redriver) => redriver.stop()));
  await api.close();
});

const ask = async (body: object = {}) => {
  const answer = await rest(endpoint, 'POST', '/redrives', { filter: { stateMachineArn }, ...body });
  expect(answer.status).toBe(202);
  return `/redrives/${answer.body['redriveId']}`;
};

function startRedriver(): BulkRedriver {
  const redriver = new BulkRedriver(api.deps, PACE);
  redrivers.push(redriver);
  redriver.start();
  return redriver;
}

const untilEnded = (path: string, status: string) =>
  vi.waitFor(async () => {
    const { body } = await rest(endpoint, 'GET', path);
    expect(body['status']).toBe(status);
    return body;
  }, 10_000);

async function redriveCounts(): Promise<number[]> {
  const arns = Array.from({ length: COUNT }, (_, index) => arnOf(index));
  const told = await Promise.all(arns.map((arn) => api.store.executions.describe(arn)));
  return told.map((execution) => execution?.redrives?.count ?? 0);
}

/** Fails the `first`th call of a method of the store, as if the process had died in it. */
function failOnce(method: string, first: number): void {
  let calls = 0;
  api.store.before.set(method, async () => {
    calls += 1;
    if (calls === first) throw new StoreUnavailable('the connection was cut');
  });
}

test('it redrives what had ended when it was asked, once, and tells so', async () => {
  const path = await ask();
  expect((await rest(endpoint, 'GET', path)).body).toMatchObject({ status: 'RUNNING', found: 0, limit: 1000 });
  startRedriver();
  startRedriver();
  expect(await untilEnded(path, 'COMPLETED')).toMatchObject({ found: COUNT, redriven: COUNT, refused: 0 });
  expect(new Set(await redriveCounts())).toEqual(new Set([1]));
});

test('it redrives as many as are wanted', async () => {
  const path = await ask({ limit: 120 });
  startRedriver();
  expect(await untilEnded(path, 'COMPLETED')).toMatchObject({ found: 120, redriven: 120 });
  expect((await redriveCounts()).filter((count) => count === 1)).toHaveLength(120);
});

test.each([1, 2, 3, 4])(
  'another goes on when one dies before it saves for the %ith time, and counts right',
  async (death) => {
    failOnce('save', death);
    const path = await ask();
    startRedriver();
    expect(await untilEnded(path, 'COMPLETED')).toMatchObject({ found: COUNT, redriven: COUNT, refused: 0 });
    expect(new Set(await redriveCounts())).toEqual(new Set([1]));
    expect(api.logged).toMatchObject([{ message: 'a redrive of many executions is left for later' }]);
  },
);

test('another goes on when one dies between two executions', async () => {
  failOnce('redrive', 50);
  const path = await ask({ edits: { patch: { retry: true } } });
  startRedriver();
  expect(await untilEnded(path, 'COMPLETED')).toMatchObject({ found: COUNT, redriven: COUNT });
  expect(new Set(await redriveCounts())).toEqual(new Set([1]));
});

test('another that goes on late redrives nothing again, although the token is forgotten by then', async () => {
  let saves = 0;
  const redrivenAndFailed = async (token: string) => {
    const stopMs = Date.now() + 60_000;
    await api.store.commit(arnOf(0), { state: { status: 'FAILED', stopMs }, events: [] });
    await api.store.executions.redrive(arnOf(0), token, stopMs);
  };
  api.store.before.set('save', async () => {
    saves += 1;
    if (saves !== 2) return;
    for (let index = 0; index < REDRIVE_TOKENS; index += 1) await redrivenAndFailed(`token-${index}`);
    await api.store.commit(arnOf(0), { state: { status: 'FAILED', stopMs: Date.now() + 60_000 }, events: [] });
    throw new StoreUnavailable('the connection was cut');
  });
  const path = await ask({ filter: { stateMachineArn, namePrefix: 'e-0' } });
  startRedriver();
  expect(await untilEnded(path, 'COMPLETED')).toMatchObject({ found: 1, redriven: 0, refused: 1 });
  expect((await redriveCounts()).filter((count) => count > 0)).toEqual([1 + REDRIVE_TOKENS]);
});

test('one that stops saves how far it is', async () => {
  let redriver: BulkRedriver | undefined;
  const stopped: Promise<void>[] = [];
  let calls = 0;
  api.store.before.set('redrive', async () => {
    calls += 1;
    if (calls === 30 && redriver) stopped.push(redriver.stop());
  });
  const path = await ask();
  redriver = startRedriver();
  await vi.waitFor(() => expect(stopped).toHaveLength(1));
  await Promise.all(stopped);
  const { body } = await rest(endpoint, 'GET', path);
  expect(body).toMatchObject({ status: 'RUNNING', found: 100, redriven: 100 });
  startRedriver();
  expect(await untilEnded(path, 'COMPLETED')).toMatchObject({ found: COUNT, redriven: COUNT });
});

test('nothing is redriven of one that is cancelled before anybody has taken it', async () => {
  const path = await ask();
  const cancelled = await rest(endpoint, 'DELETE', path);
  expect(cancelled).toMatchObject({ status: 202, body: { status: 'CANCELLING' } });
  startRedriver();
  expect(await untilEnded(path, 'CANCELLED')).toMatchObject({ found: 0, redriven: 0 });
  expect(new Set(await redriveCounts())).toEqual(new Set([0]));
});

test('one that is cancelled ends with the executions at hand', async () => {
  const path = await ask();
  let calls = 0;
  api.store.before.set('redrive', async () => {
    calls += 1;
    if (calls === 10) await rest(endpoint, 'DELETE', path);
  });
  startRedriver();
  expect(await untilEnded(path, 'CANCELLED')).toMatchObject({ found: 100, redriven: 100 });
});

test('one that is cancelled after a death counts what the dead has redriven', async () => {
  const path = await ask();
  let calls = 0;
  api.store.before.set('redrive', async () => {
    calls += 1;
    if (calls === 45) await rest(endpoint, 'DELETE', path);
    if (calls >= 45 && calls <= 60) throw new StoreUnavailable('the connection was cut');
  });
  startRedriver();
  const body = await untilEnded(path, 'CANCELLED');
  const redriven = (await redriveCounts()).filter((count) => count === 1).length;
  expect(body).toMatchObject({ found: redriven, redriven });
  expect(redriven).toBeLessThan(100);
});

test('a refusal is told with its reason, and the others are redriven', async () => {
  const path = await ask({ edits: { state: 'Pay' } });
  const { executions } = api.store;
  const taken = await executions.describe(arnOf(3));
  if (taken?.status === 'FAILED') await executions.redrive(arnOf(3), 'mine', taken.stopMs);
  // It has ended again since, and is none of those that were meant.
  await api.store.commit(arnOf(3), { state: { status: 'FAILED', stopMs: Date.now() + 60_000 } });
  api.store.before.set('frames', async () => {
    api.store.before.delete('frames');
    throw new TypeError('a bug');
  });
  startRedriver();
  const body = await untilEnded(path, 'COMPLETED');
  expect(body).toMatchObject({ found: COUNT - 1, redriven: COUNT - 2, refused: 1 });
  expect(body['refusals']).toEqual([
    {
      executionArn: expect.stringContaining(':execution:cart:'),
      reason: 'The request failed because of an internal error.',
    },
  ]);
});
