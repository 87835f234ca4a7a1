import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../engine/store/store.ts';
import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** What clients get when something is wrong on this side, or when they are slow. */

const PATIENCE = { keepAliveMs: 1_000, headersMs: 150, requestMs: 300, checkMs: 50 };

let api: RunningApi;
beforeEach(async () => {
  api = await runApi({}, createMemoryTaskQueue(), PATIENCE);
});
afterEach(() => api.close());

const failWith = (error: Error) =>
  api.store.before.set('listMachines', async () => {
    throw error;
  });

describe('a request', () => {
  test.each([
    new StoreUnavailable('Redis: Connection is closed.'),
    Object.assign(new Error('connect ECONNREFUSED /tmp/redis.sock'), { code: 'ECONNREFUSED' }),
    new Error('Connection is closed.'),
  ])('that the store cannot serve may come again: %s', async (error) => {
    failWith(error);
    const answer = await api.call('ListStateMachines', {});
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({ 'retry-after': '1', 'x-amzn-errortype': 'ServiceUnavailable' });
    expect(answer.body).toEqual({
      __type: 'ServiceUnavailable',
      message: 'The store cannot be reached at the moment',
    });
    expect(api.logged).toMatchObject([{ fields: { err: error, target: 'AWSStepFunctions.ListStateMachines' } }]);
  });

  test('that meets a bug is told so, and nothing more', async () => {
    failWith(new TypeError('secret of api/file.ts'));
    const answer = await api.call('ListStateMachines', {});
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/secret|file/);
    expect(answer.body['__type']).toBe('InternalFailure');
    expect(answer.headers['x-amzn-requestid']).toBe(Reflect.get(api.logged[0]?.fields ?? {}, 'requestId'));
    api.store.before.clear();
    expect((await api.call('ListStateMachines', {})).status).toBe(200);
  });
});

describe('a client that is slow', () => {
  /** Sends bytes, then one byte every 40 ms, and returns what came back until the server hung up. */
  const trickle = (bytes: string, more: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      const socket = connect(api.port, '127.0.0.1', () => socket.write(bytes));
      const timer = setInterval(() => socket.write(more), 40);
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        resolve(text);
      });
    });

  test('with its headers is cut off', async () => {
    expect(await trickle('POST / HTTP/1.1\r\nhost: x\r\n', 'x')).toMatch(/^HTTP\/1\.1 408 .*RequestTimeoutException/s);
  });

  test('with its body is cut off', async () => {
    const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';
    expect(await trickle(head, ' ')).toMatch(/^HTTP\/1\.1 408 .*RequestTimeoutException/s);
  });

  test('disturbs nobody else', async () => {
    const slow = Array.from({ length: 50 }, () => trickle('POST / HTTP/1.1\r\n', 'x'));
    expect((await api.call('ListStateMachines', {})).status).toBe(200);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408/);
  });
});
