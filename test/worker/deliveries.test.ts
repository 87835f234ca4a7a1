import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { createBullmqDeliveryQueue } from '../../engine/tasks/bullmq-deliveries.ts';
import type { Delivery, DeliveryQueue } from '../../engine/tasks/deliveries.ts';
import type { Attempted } from '../../schemas/webhook.ts';
import { useRedis } from '../support/redis.ts';

const redis = useRedis();
const opened: { queue: DeliveryQueue; connection: Redis }[] = [];
let prefixes = 0;

/** As one process sees the queues. */
function open(prefix = `test-${++prefixes}`, more: { attempts?: number; retryMs?: number } = {}): DeliveryQueue {
  const connection = new Redis(redis.url, { lazyConnect: true });
  const settings = { attempts: 3, retryMs: 20, lockMs: 1000, onError: () => {}, ...more };
  const queue = createBullmqDeliveryQueue({ connection, prefix, ...settings });
  opened.push({ queue, connection });
  return queue;
}

afterEach(async () => {
  for (const { queue, connection } of opened.splice(0)) {
    await queue.close();
    connection.disconnect();
  }
});

const delivery = (deliveryId: string, webhookId = 'w', more: Partial<Delivery> = {}): Delivery => ({
  webhookId,
  deliveryId,
  eventId: `event-${deliveryId}`,
  body: `{"id":"${deliveryId}"}`,
  executionArn: 'arn:execution',
  status: 'FAILED',
  ...more,
});
const OK: Attempted = { outcome: 'delivered', responseStatus: 204 };
const BROKEN: Attempted = { outcome: 'failed', responseStatus: 500, error: 'HTTP 500', final: false };

/** Answers attempts as told, and notes them. */
function receiver(answer: (delivery: Delivery, attempt: number) => Attempted | Promise<Attempted>) {
  const seen: string[] = [];
  const attempt = async (each: Delivery): Promise<Attempted> => {
    seen.push(each.deliveryId);
    return answer(each, seen.filter((id) => id === each.deliveryId).length);
  };
  return { seen, attempt };
}

/** BullMQ looks for delayed jobs about once a second. */
const PATIENCE = { timeout: 15_000 };
const states = async (queue: DeliveryQueue, webhookId = 'w') =>
  (await queue.list(webhookId, { limit: 100 })).deliveries.map(({ deliveryId, state }) => [deliveryId, state]);

describe('a delivery', () => {
  test('is attempted once when it arrives, however often it was added', async () => {
    const queue = open();
    const { seen, attempt } = receiver(() => OK);
    await queue.add([delivery('a'), delivery('a'), delivery('b')]);
    expect(await queue.counts('w')).toEqual({ pending: 2, failed: 0 });
    queue.attend('w', attempt);
    await expect
      .poll(() => states(queue), PATIENCE)
      .toEqual(
        expect.arrayContaining([
          ['a', 'delivered'],
          ['b', 'delivered'],
        ]),
      );
    await queue.add([delivery('a')]);
    expect(seen.toSorted()).toEqual(['a', 'b']);
    const { deliveries } = await queue.list('w', { limit: 10 });
    expect(deliveries.find(({ deliveryId }) => deliveryId === 'a')).toEqual({
      ...delivery('a'),
      state: 'delivered',
      attempts: 1,
      createdMs: expect.any(Number),
      lastAttemptMs: expect.any(Number),
      responseStatus: 204,
    });
  });

  test('is attempted again after a failure, until it arrives', async () => {
    const queue = open();
    const { seen, attempt } = receiver((_delivery, number) => (number < 3 ? BROKEN : OK));
    await queue.add([delivery('a')]);
    queue.attend('w', attempt);
    await expect.poll(() => states(queue), PATIENCE).toEqual([['a', 'delivered']]);
    expect(seen).toEqual(['a', 'a', 'a']);
  });

  test('is given up in the end, kept, and sent once more when that is asked for', async () => {
    const queue = open();
    let broken = true;
    const { seen, attempt } = receiver(() => (broken ? BROKEN : OK));
    await queue.add([delivery('a')]);
    queue.attend('w', attempt);
    await expect.poll(() => states(queue), PATIENCE).toEqual([['a', 'failed']]);
    expect(await queue.counts('w')).toEqual({ pending: 0, failed: 1 });
    const { deliveries } = await queue.list('w', { limit: 1, status: 'failed' });
    expect(deliveries).toMatchObject([{ attempts: 3, responseStatus: 500, error: 'HTTP 500' }]);
    broken = false;
    expect(await queue.redeliver('w', 'a')).toBe('accepted');
    await expect.poll(() => states(queue), PATIENCE).toEqual([['a', 'delivered']]);
    expect(seen).toHaveLength(4);
    expect(await queue.redeliver('w', 'a')).toBe('accepted');
    await expect.poll(() => seen, PATIENCE).toHaveLength(5);
    for (const none of ['other', 'meta', 'stalled-check']) expect(await queue.redeliver('w', none)).toBeUndefined();
  });

  test('begins a list anew for who makes a place in it up', async () => {
    const queue = open();
    await queue.add([delivery('a')]);
    for (const cursor of ['waiting 1e99', 'waiting -1', 'waiting', 'x 1']) {
      expect((await queue.list('w', { limit: 5, cursor })).deliveries).toHaveLength(1);
    }
  });

  test.each([
    ['it would be useless', { ...BROKEN, final: true }, {}],
    ['it is to be attempted once', BROKEN, { once: true as const }],
  ])('is not attempted again when %s', async (_when, answer, more) => {
    const queue = open();
    const { seen, attempt } = receiver(() => answer);
    await queue.add([delivery('a', 'w', more)]);
    queue.attend('w', attempt);
    await expect.poll(() => states(queue), PATIENCE).toEqual([['a', 'failed']]);
    expect(seen).toEqual(['a']);
  });

  test('waits for nobody else’s receiver', async () => {
    const queue = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = receiver(() => promise.then(() => OK));
    const quick = receiver(() => OK);
    await queue.add(Array.from({ length: 100 }, (_, index) => delivery(`s${index}`, 'slow')));
    await queue.add([delivery('q', 'quick')]);
    queue.attend('slow', slow.attempt);
    queue.attend('quick', quick.attempt);
    await expect.poll(() => states(queue, 'quick'), PATIENCE).toEqual([['q', 'delivered']]);
    expect(slow.seen.length).toBeLessThan(100);
    resolve();
  });
});

describe('the deliveries of a webhook', () => {
  test('are listed in pages: under way, failed, delivered', async () => {
    const queue = open();
    const { attempt } = receiver(({ deliveryId }) => (deliveryId.startsWith('f') ? { ...BROKEN, final: true } : OK));
    await queue.add(['d1', 'f1', 'd2', 'f2'].map((id) => delivery(id)));
    const attendance = queue.attend('w', attempt);
    await expect.poll(() => queue.counts('w'), PATIENCE).toEqual({ pending: 0, failed: 2 });
    await attendance.stop();
    await queue.add(['p1', 'p2'].map((id) => delivery(id)));
    const ids: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await queue.list('w', { limit: 2, ...(cursor !== undefined && { cursor }) });
      ids.push(page.deliveries.map(({ deliveryId }) => deliveryId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(ids.map((page) => page.toSorted())).toEqual([
      ['p1', 'p2'],
      ['f1', 'f2'],
      ['d1', 'd2'],
    ]);
    const failed = await queue.list('w', { limit: 5, status: 'failed' });
    expect(failed.deliveries).toHaveLength(2);
    expect(failed.cursor).toBeUndefined();
  });

  test('tell when they are attempted next', async () => {
    const slow = open(undefined, { retryMs: 60_000 });
    await slow.add([delivery('a')]);
    slow.attend('w', receiver(() => BROKEN).attempt);
    await expect
      .poll(async () => (await slow.list('w', { limit: 1 })).deliveries[0]?.nextAttemptMs, PATIENCE)
      .toBeDefined();
    const [report] = (await slow.list('w', { limit: 1 })).deliveries;
    const inMs = (report?.nextAttemptMs ?? 0) - (report?.lastAttemptMs ?? 0);
    expect(report).toMatchObject({ state: 'pending', attempts: 1, error: 'HTTP 500' });
    expect([inMs >= 30_000, inMs <= 61_000]).toEqual([true, true]);
    expect(await slow.redeliver('w', 'a')).toBe('accepted');
    await expect.poll(async () => (await slow.list('w', { limit: 1 })).deliveries[0]?.attempts, PATIENCE).toBe(2);
  });

  test('go with it', async () => {
    const queue = open();
    await queue.add([delivery('a'), delivery('b', 'other')]);
    await queue.forget('w');
    await queue.forget('w');
    expect([await states(queue), await states(queue, 'other')]).toEqual([[], [['b', 'pending']]]);
  });
});
