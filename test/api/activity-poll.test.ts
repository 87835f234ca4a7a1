import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import type { TaskQueue } from '../../engine/tasks/queue.ts';
import { formatTaskToken } from '../../schemas/task.ts';
import { executionIdOf, type RunningApi, runApi } from './support/running-api.ts';

/** A task belongs to the worker that has the answer in hand, and to nobody before. */

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';
const executionId = executionIdOf('an execution');
const nonce = '8e5f9c8e-1f2a-4b3c-8d4e-5f6a7b8c9d0e';

const taskOf = (visit: number) => ({
  id: { executionId, visit },
  resource: ACTIVITY,
  input: `{"visit":${visit}}`,
  taskToken: formatTaskToken({ executionId, visit, nonce }),
});

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
          id: taken.id,
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
    api.store.tasks.set(7, taskOf(7));
    const waiting = poll('till 3');
    await vi.waitFor(() => expect(polls).toHaveLength(1));
    await api.queue.add([taskOf(7)]);
    expect((await waiting).body).toEqual({ taskToken: taskOf(7).taskToken, input: '{"visit":7}' });
    await vi.waitFor(() => expect(polls[0]?.settled).toBe('done'));
    expect(api.store.log).toEqual(['reserve 7 for till 3', 'start 7 by till 3']);
  });

  test('takes the next task when one is no longer wanted', async () => {
    api.store.tasks.set(2, taskOf(2));
    await api.queue.add([taskOf(1), taskOf(2)]);
    expect((await poll()).body['taskToken']).toBe(taskOf(2).taskToken);
    expect(polls[0]?.settled).toBe('done');
    expect(api.store.log.filter((line) => line.startsWith('start'))).toEqual(['start 2']);
  });

  test('ends the wait when the client hangs up, and takes no task', async () => {
    const client = abandonablePoll();
    await vi.waitFor(() => expect(polls).toHaveLength(1));
    client.hangUp();
    await vi.waitFor(() => expect(polls[0]?.aborted).toBe(true));
    api.store.tasks.set(3, taskOf(3));
    await api.queue.add([taskOf(3)]);
    expect((await poll()).body['taskToken']).toBe(taskOf(3).taskToken);
  });

  test('gives a task back when the client hangs up while it is being reserved', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { reserveTask } = api.store.executions;
    let reserving = false;
    api.store.executions.reserveTask = async (id, workerName) => {
      reserving = true;
      await promise;
      return reserveTask(id, workerName);
    };
    api.store.tasks.set(4, taskOf(4));
    await api.queue.add([taskOf(4)]);
    const client = abandonablePoll();
    await vi.waitFor(() => expect(reserving).toBe(true));
    client.hangUp();
    await vi.waitFor(() => expect(polls[0]?.aborted).toBe(true));
    resolve();
    await vi.waitFor(() => expect(polls[0]?.settled).toBe('given back'));
    expect(api.store.log).not.toContain('start 4');
    expect((await poll()).body['taskToken']).toBe(taskOf(4).taskToken);
    await vi.waitFor(() => expect(api.store.log).toContain('start 4'));
  });

  test('gives a task back when the store fails', async () => {
    await api.queue.add([taskOf(5)]);
    api.store.executions.reserveTask = async () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    expect((await poll()).status).toBe(503);
    expect(polls[0]?.settled).toBe('given back');
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
