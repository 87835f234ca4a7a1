import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBullmqTaskQueue } from '../../engine/tasks/bullmq.ts';
import type { TaskQueue } from '../../engine/tasks/queue.ts';
import { ACTIVITY, LONG_MS, never, pending } from '../contracts/task-queue.contract.ts';
import { startRedis } from '../support/redis.ts';

const LOCK_MS = 400;
const PREFIX = 'faults';

let redis: Awaited<ReturnType<typeof startRedis>>;
let connection: Redis;
let admin: Redis;
/** Two processes' worth: what one adds, the other waits for, so that no hint helps. */
let adder: TaskQueue;
let taker: TaskQueue;

const makeQueue = () => createBullmqTaskQueue({ connection, prefix: PREFIX, lockMs: LOCK_MS });

beforeEach(async () => {
  redis = await startRedis({ fsync: 'always' });
  connection = new Redis(redis.url, { lazyConnect: true });
  admin = new Redis(redis.url);
  admin.on('error', () => {});
  adder = makeQueue();
  taker = makeQueue();
});
afterEach(async () => {
  await Promise.all([adder.close(), taker.close()]);
  connection.disconnect();
  admin.disconnect();
  await redis.stop();
});

const take = (queue = taker) => queue.take(ACTIVITY, LONG_MS, never());

async function passes(visit: number, waiting = take()): Promise<void> {
  await adder.add([pending(visit)]);
  const taken = await waiting;
  expect(taken?.id.visit).toBe(visit);
  await taken?.done();
}

describe('callers that wait get what is added after', () => {
  test('Redis was killed and started again', async () => {
    await passes(1);
    const waiting = take();
    await redis.kill();
    await redis.restart();
    await passes(2, waiting);
    await passes(3);
  });

  test('Redis was away while a task was added', async () => {
    await passes(1);
    const waiting = take();
    await redis.kill();
    const added = adder.add([pending(2)]);
    await redis.restart();
    await added;
    expect((await waiting)?.id.visit).toBe(2);
  });

  test('all connections were cut', async () => {
    await passes(1);
    const waiting = take();
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await passes(2, waiting);
    await passes(3);
  });

  test('Redis forgot its scripts', async () => {
    await passes(1);
    const waiting = take();
    await admin.script('FLUSH');
    await passes(2, waiting);
    await admin.script('FLUSH');
    await adder.add([pending(3), pending(4)]);
    const third = await take();
    await admin.script('FLUSH');
    await third?.giveBack();
    expect((await take())?.id.visit).toBe(3);
    expect((await take())?.id.visit).toBe(4);
  });

  test('the queues were emptied and their tasks added again', async () => {
    await adder.add([pending(1), pending(2)]);
    const held = await take();
    await admin.flushall();
    await adder.add([pending(1), pending(2)]);
    const waiting = [take(), take()];
    await held?.done();
    const visits = (await Promise.all(waiting)).map((taken) => taken?.id.visit);
    expect(visits).toEqual([1, 2]);
    const third = take();
    await admin.flushall();
    await passes(3, third);
  });

  test('tasks flowed while connections were cut again and again', async () => {
    const seen = new Set<number>();
    const all = Promise.withResolvers<void>();
    const total = 400;
    const poll = async () => {
      while (seen.size < total) {
        const taken = await take();
        if (!taken) return;
        seen.add(taken.id.visit);
        await taken.done();
        if (seen.size === total) all.resolve();
      }
    };
    const pollers = Array.from({ length: 32 }, poll);
    for (let visit = 1; visit <= total; visit += 20) {
      await adder.add(Array.from({ length: 20 }, (_, index) => pending(visit + index)));
      await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    await all.promise;
    await taker.close();
    await Promise.all(pollers);
    expect(seen.size).toBe(total);
  });
});

test('a task comes again when the process that holds it is killed, with its note, as often as it takes', async () => {
  await adder.add([pending(1)]);
  for (let death = 1; death <= 3; death += 1) {
    const script = new URL('../support/take-and-hang.ts', import.meta.url);
    const holder = fork(script, [redis.url, PREFIX, ACTIVITY, String(LOCK_MS)]);
    const [visit] = await Promise.race([once(holder, 'message'), once(holder, 'exit')]);
    expect(visit).toBe(1);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  }
  const taken = await take();
  expect(taken?.id.visit).toBe(1);
  expect(taken?.note).toBe('started');
});

test('a task stays with a process that lives, however long it holds it', async () => {
  await adder.add([pending(1)]);
  const held = await take();
  const other = makeQueue();
  const waiting = take(other);
  // The stalled check runs every half lock: it has had its chances when this many locks have gone by.
  expect(await Promise.race([waiting, locksGoneBy(5)])).toBe('nothing');
  await held?.giveBack();
  expect((await waiting)?.id.visit).toBe(1);
  await other.close();
});

/** Time by the clock of Redis: keys that expire one after the other, as locks do. */
async function locksGoneBy(count: number): Promise<'nothing'> {
  for (let lock = 0; lock < count; lock += 1) {
    await admin.set('lock', '1', 'PX', LOCK_MS);
    while ((await admin.exists('lock')) === 1);
  }
  return 'nothing';
}

test('ends cleanly while Redis is away', async () => {
  const waiting = take();
  await passes(1, waiting);
  const next = take();
  await redis.kill();
  await taker.close();
  expect(await next).toBeUndefined();
});

test('closes the connection of a queue that nobody waits on', async () => {
  const short = createBullmqTaskQueue({ connection, prefix: PREFIX, lockMs: LOCK_MS, idleMs: 10 });
  await adder.add([pending(1)]);
  await (await take(short))?.done();
  const blocking = async () => String(await admin.client('LIST')).match(new RegExp(`name=${PREFIX}:`, 'g')) ?? [];
  expect(await blocking()).not.toEqual([]);
  while ((await blocking()).length > 0);
  await adder.add([pending(2)]);
  expect((await take(short))?.id.visit).toBe(2);
  await short.close();
});
