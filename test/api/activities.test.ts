import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { executionId } from '../../engine/store/execution-id.ts';
import { formatTaskToken } from '../../schemas/task.ts';
import { rest } from './support/rest.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** Limits of activities over REST, and what GetActivityTask makes of them. */

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';
const PATH = `/activities/${encodeURIComponent(ACTIVITY)}`;
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:cart:run';
const nonce = '8e5f9c8e-1f2a-4b3c-8d4e-5f6a7b8c9d0e';

let api: RunningApi;
const ask = (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) =>
  rest(`http://127.0.0.1:${api.port}`, method, path, body);
const poll = (workerName?: string) => api.call('GetActivityTask', { activityArn: ACTIVITY, workerName });
const settle = (taskToken: unknown) => api.call('SendTaskSuccess', { taskToken, output: '{}' });

/** Makes tasks that an execution waits for, and queues them. */
async function dispatch(...visits: number[]): Promise<void> {
  const tasks = visits.map((visit) => {
    const id = { executionId: executionId(EXECUTION), visit };
    return { id, resource: ACTIVITY, input: `{"visit":${visit}}`, taskToken: formatTaskToken({ ...id, nonce }) };
  });
  const effects = tasks.map((task) => ({ type: 'DispatchTask' as const, visit: task.id.visit, task }));
  await api.store.commit(EXECUTION, { effects });
  await api.queue.add(tasks);
}

beforeEach(async () => {
  api = await runApi({ pollMs: 10_000 });
  await api.call('CreateActivity', { name: 'pay' });
  const definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}';
  const machine = { name: 'cart', definition, roleArn: 'arn:aws:iam::000000000000:role/r' };
  const { body } = await api.call('CreateStateMachine', machine);
  await api.call('StartExecution', { stateMachineArn: body['stateMachineArn'], name: 'run' });
});
afterEach(() => api.close());

describe('the limits of an activity', () => {
  test('are put as a whole, and told', async () => {
    const limits = { maxConcurrency: 5, ratePerSecond: 0.5, burst: 2, priority: '$.order.rank' };
    const put = await ask('PUT', `${PATH}/limits`, limits);
    expect(put).toMatchObject({ status: 200, body: { activityArn: ACTIVITY, limits, paused: false } });
    const fewer = await ask('PUT', `${PATH}/limits`, { maxConcurrency: 3, priority: null });
    expect(fewer.body['limits']).toEqual({ maxConcurrency: 3 });
    expect((await ask('POST', `${PATH}/pause`)).body).toMatchObject({ limits: { maxConcurrency: 3 }, paused: true });
    expect((await ask('GET', PATH)).body).toMatchObject({ limits: { maxConcurrency: 3 }, paused: true });
    expect((await ask('POST', `${PATH}/resume`)).body).toMatchObject({ paused: false });
    expect((await ask('PUT', `${PATH}/limits`, {})).body['limits']).toEqual({});
  });

  test.each([
    [{ maxConcurrency: 0 }, 'maxConcurrency must be >= 1'],
    [{ maxConcurrency: 'many' }, 'maxConcurrency must be integer'],
    [{ ratePerSecond: 0 }, 'ratePerSecond'],
    [{ burst: 1 }, 'give both, or neither'],
    [{ priority: '$..rank' }, 'a reference path'],
    [{ priority: '$$.Execution.Id' }, 'a reference path'],
    [{ priority: 'rank' }, 'a reference path'],
    [{ maxConcurency: 1 }, 'maxConcurency'],
  ])('are refused when they say nothing sensible: %j', async (limits, why) => {
    const { status, body } = await ask('PUT', `${PATH}/limits`, limits);
    expect(status).toBe(400);
    expect(body['detail']).toContain(why);
    expect(body['detail']).not.toMatch(/null|anyOf/);
  });

  test('need an activity', async () => {
    const nowhere = `/activities/${encodeURIComponent(`${ACTIVITY}-not`)}`;
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', '/limits'],
      ['POST', '/pause'],
    ] as const) {
      const answer = await ask(method, nowhere + path, method === 'PUT' ? {} : undefined);
      expect(answer.status).toBe(404);
    }
  });
});

describe('GetActivityTask', () => {
  test('hands out as many tasks at a time as may be in progress, and the next when one has ended', async () => {
    await ask('PUT', `${PATH}/limits`, { maxConcurrency: 2 });
    await dispatch(1, 2, 3);
    const first = await poll();
    await poll();
    let third: unknown;
    const waiting = poll().then(({ body }) => {
      third = body['input'];
    });
    await vi.waitFor(async () => {
      const { statistics } = (await ask('GET', PATH)).body;
      expect(statistics).toMatchObject({ waitingTasks: 1, tasksInProgress: 2 });
    });
    expect(third).toBeUndefined();
    await settle(first.body['taskToken']);
    await waiting;
    expect(third).toBe('{"visit":3}');
  });

  test('hands out nothing of a paused activity, also to who waited before, and loses nothing', async () => {
    const before = poll();
    await vi.waitFor(() => expect(api.store.count('activity')).toBe(1));
    await ask('POST', `${PATH}/pause`);
    let handed = false;
    void before.then(() => {
      handed = true;
    });
    // The next poll learns it from the activity, and so do those that wait: all of them wait at the gate now.
    const after = poll();
    await vi.waitFor(() => expect(api.store.count('activity')).toBe(3));
    await dispatch(1);
    expect((await ask('GET', PATH)).body).toMatchObject({ paused: true, statistics: { waitingTasks: 1 } });
    expect(handed).toBe(false);
    await ask('POST', `${PATH}/resume`);
    await dispatch(2);
    const inputs = (await Promise.all([before, after])).map(({ body }) => body['input']);
    expect(inputs.sort()).toEqual(['{"visit":1}', '{"visit":2}']);
  });
});

describe('activities', () => {
  test('are listed with how they stand, in pages', async () => {
    await api.call('CreateActivity', { name: 'ship' });
    await dispatch(1, 2);
    await poll('till 3');
    const first = (await ask('GET', '/activities?maxResults=1')).body;
    expect(first['activities']).toMatchObject([
      { activityArn: ACTIVITY, name: 'pay', limits: {}, paused: false, statistics: { waitingTasks: 1 } },
    ]);
    const second = (await ask('GET', `/activities?nextToken=${first['nextToken']}`)).body;
    expect(second).toMatchObject({ activities: [{ name: 'ship', statistics: { waitingTasks: 0, workers: [] } }] });
    expect(second['nextToken']).toBeUndefined();
  });

  test('tell who polls, some seconds later', async () => {
    const waiting = poll('till 3');
    await vi.waitFor(
      async () => {
        const { statistics } = (await ask('GET', PATH)).body;
        expect(statistics).toMatchObject({ pollers: 1, workers: [{ name: 'till 3' }] });
      },
      { timeout: 10_000, interval: 200 },
    );
    await dispatch(1);
    await waiting;
    await vi.waitFor(
      async () => {
        const { statistics } = (await ask('GET', PATH)).body;
        expect(statistics).toMatchObject({ pollers: 0, lastHandOutDate: expect.any(String) });
      },
      { timeout: 10_000, interval: 200 },
    );
  });
});
