import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect } from '../../engine/store/redis/connect.ts';
import { useRedis } from '../support/redis.ts';

const redis = useRedis();
const open: Redis[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const connection of open.splice(0)) connection.disconnect();
});

function connected(): Redis {
  const connection = connect(redis.url, 'reader', () => {});
  open.push(connection);
  return connection;
}

/** Asks for what does not come; the timer that watches the socket is one that the test can see. */
async function ask(connection: Redis): Promise<void> {
  await connection.ping();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  connection.blpop('nothing', 5).catch(() => {});
  expect(vi.getTimerCount()).toBe(1);
}

describe('the timer that watches a silent socket', () => {
  test.each([
    ['a connection', () => connected()],
    ['a duplicate of one', () => connected().duplicate()],
  ])('goes when %s is closed with a command on its way', async (_name, make) => {
    const connection = make();
    await ask(connection);
    connection.disconnect();
    await once(connection, 'end');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('goes with its socket, and does not cut the next one', async () => {
    const connection = connected();
    await ask(connection);
    connection.stream.destroy();
    await once(connection, 'close');
    // What is left is the timer of the next attempt to connect.
    expect(vi.getTimerCount()).toBe(1);
  });
});
