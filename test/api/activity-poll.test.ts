import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { executionId } from '../../engine/store/execution-id.ts';
import { StoreUnavailable } from '../../engine/store/store.ts';
import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import type { TaskQueue } from '../../engine/tasks/queue.ts';
import { formatTaskToken } from '../../schemas/task.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** A task belongs to the worker that has the answer in hand, and to nobody before. */

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:cart';
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:cart:run';
const nonce = '8e5f9c8e-1f2a-4b3c-8d4e-5f6a7b8c9d0e';

const taskOf = (visit: number) => {
  const id = { executionId: executionId(EXECUTION), visit };
  return { id, resource: ACTIVITY, input: `{"visit":${visit}}`, taskToken: formatTaskToken({ ...id, nonce }) };
};

/** Makes a task that an execution waits for, and queues it. */
async function dispatch(visit: number): Promise<void> {
  await api.store.commit(EXECUTION, { effects: [{ type: 'DispatchTask', visit, task: taskOf(visit) }] });
  await api.queue.add([taskOf(visit)]);
}

/** What the store was asked to do with tasks. */
const handling = () =>
  api.store.calls
    .filter(([name]) => name === 'reserveTask' || name === 'startTask')
    .map(([name, id, worker]) => [name, id, worker]);

/** The server knows that all its clients have gone. */
const deserted = () =>
  vi.waitFor(async () => {
    const { server } = api.app;
    expect(await promisify(server.getConnections.bind(server))()).toBe(0);
  });
const handled = (name: string, visit: number, worker?: string) => [name, taskOf(visit).id, worker];

let api: RunningApi;
let polls: { aborted: boolean; settled: string | undefined }[];

/** The memory queue, noting what becomes of each poll and each job. */
function watchedQueue(): TaskQueue {
  const queue = createMemoryTaskQueue();
  return {
    add: (tasks) => queue.add(tasks),
    close: () => queue.close(),
    async take(resource, waitMs, signal) {
      const poll: (typeof polls)[number] = { aborted: signal.aborted, settled: undefined };
      polls.push(poll);
      signal.addEventListener('abort', () => {
        poll.aborted = true;
      });
      const taken = await queue.take(resource, waitMs, signal);
      return (
        taken && {
          ...taken,
          async done() {
            poll.settled = 'done';
            await taken.done();
          },
          async giveBack() {
            poll.settled = 'given back';
            await taken.giveBack();
          },
        }
      );
    },
  };
}

beforeEach(async () => {
  polls = [];
  api = await runApi({ pollMs: 2_000 }, watchedQueue());
  await api.call('CreateActivity', { name: 'pay' });
  const definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}';
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  await api.call('CreateStateMachine', { name: 'cart', definition, roleArn });
  await api.call('StartExecution', { stateMachineArn: MACHINE, name: 'run' });
});
afterEach(() => api.close());

const poll = (workerName?: string) => api.call('GetActivityTask', { activityArn: ACTIVITY, workerName });

/** A poll whose client can hang up. */
function abandonablePoll() {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.GetActivityTask' };
  const agent = new Agent({ keepAlive: true });
  const outgoing = request({ port: api.port, host: '127.0.0.1', method: 'POST', headers, agent });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ activityArn: ACTIVITY }));
  return { hangUp: () => outgoing.destroy() };
}

describe('GetActivityTask', () => {
  test('hands a task over and records the start with the worker, once the answer is out', async () => {
    const waiting = poll('till 3');
    await vi.waitFor(() => expect(polls).toHaveLength(1));
    await dispatch(7);
    expect((await waiting).body).toEqual({ taskToken: taskOf(7).taskToken, input: '{"visit":7}' });
    await vi.waitFor(() => expect(polls[0]?.settled).toBe('done'));
    expect(handling()).toEqual([handled('reserveTask', 7, 'till 3'), handled('startTask', 7, 'till 3')]);
  });

  test('takes the next task when one is no longer wanted', async () => {
    await api.queue.add([taskOf(1)]);
    await dispatch(2);
    expect((await poll()).body['taskToken']).toBe(taskOf(2).taskToken);
    expect(polls[0]?.settled).toBe('done');
    await vi.waitFor(() => expect(handling().at(-1)).toEqual(handled('startTask', 2)));
    expect(api.store.count('startTask')).toBe(1);
  });

  test('ends the wait when the client hangs up, and takes no task', async () => {
    const client = abandonablePoll();
    await vi.waitFor(() => expect(polls).toHaveLength(1));
    client.hangUp();
    await vi.waitFor(() => expect(polls[0]?.aborted).toBe(true));
    await dispatch(3);
    expect((await poll()).body['taskToken']).toBe(taskOf(3).taskToken);
  });

  test('gives a task back when the client hangs up while it is being reserved', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    api.store.before.set('reserveTask', () => promise);
    await dispatch(4);
    const client = abandonablePoll();
    await vi.waitFor(() => expect(api.store.count('reserveTask')).toBe(1));
    client.hangUp();
    await deserted();
    resolve();
    await vi.waitFor(() => expect(polls[0]?.settled).toBe('given back'));
    expect(api.store.count('startTask')).toBe(0);
    expect((await poll()).body['taskToken']).toBe(taskOf(4).taskToken);
    await vi.waitFor(() => expect(handling().at(-1)).toEqual(handled('startTask', 4)));
  });

  test('gives a task back when the store fails', async () => {
    await dispatch(5);
    api.store.before.set('reserveTask', async () => {
      throw new StoreUnavailable('Redis: connect ECONNREFUSED');
    });
    expect((await poll()).status).toBe(503);
    expect(polls[0]?.settled).toBe('given back');
  });

  test('records the start when the store is back, and lets nobody else have the task until then', async () => {
    await dispatch(6);
    let away = 2;
    api.store.before.set('startTask', async () => {
      away -= 1;
      if (away >= 0) throw new StoreUnavailable('Redis: connect ECONNREFUSED');
    });
    expect((await poll()).body['taskToken']).toBe(taskOf(6).taskToken);
    await vi.waitFor(() => expect(api.store.count('startTask')).toBe(1));
    expect(polls[0]?.settled).toBeUndefined();
    await vi.waitFor(() => expect(polls[0]?.settled).toBe('done'), { timeout: 10_000 });
    expect(api.store.count('startTask')).toBe(3);
  });

  test('ends all waits when the server closes, with an answer', async () => {
    const waiting = [poll(), poll()];
    await vi.waitFor(() => expect(polls).toHaveLength(2));
    const closed = api.app.close();
    for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ status: 200, body: {} });
    await closed;
  });

  test('answers nothing after the hold', async () => {
    await api.close();
    api = await runApi({ pollMs: 50 });
    await api.call('CreateActivity', { name: 'pay' });
    expect((await poll()).text).toBe('{}');
  });

  test('wants an activity that is there', async () => {
    const answer = await api.call('GetActivityTask', { activityArn: `${ACTIVITY}-not` });
    expect(answer.body).toEqual({
      __type: 'ActivityDoesNotExist',
      message: `Activity Does Not Exist: '${ACTIVITY}-not'`,
    });
  });
});
