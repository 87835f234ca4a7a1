import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditShop } from '../../examples/shopping-cart/audit.ts';
import type { Order } from '../../examples/shopping-cart/order.ts';
import { type CartState, serve } from '../../examples/shopping-cart/services.ts';
import { KEYS, seedShop } from '../../examples/shopping-cart/shop.ts';
import { useRedis } from '../support/redis.ts';

const server = useRedis();
let redis: Redis;
beforeAll(() => {
  redis = new Redis(server.url);
});
afterAll(() => redis.disconnect());
beforeEach(() => seedShop(redis, { customers: { ada: 10_000 }, stock: { teapot: 3, cup: 9 } }));

const ORDER: Order = {
  orderId: 'order-1',
  customer: 'ada',
  email: 'ada@example.com',
  address: { street: 'Invalidenstrasse 116', zip: '10115' },
  items: [{ sku: 'teapot', quantity: 2 }],
};
const STEPS: CartState[] = ['ReservePayment', 'AllocateInventory', 'PlaceOrder', 'NotifyCustomer'];
const COMPENSATIONS: CartState[] = ['RetractNotification', 'CancelOrder', 'ReleaseInventory', 'ReleasePayment'];

const call = (state: CartState, order: Order = ORDER): Promise<unknown> => serve(state, redis, order);
const everything = async (): Promise<unknown> => Promise.all(Object.values(KEYS).map((key) => redis.hgetall(key)));

describe('a step', () => {
  test.each(STEPS)('is done once, and answers the same each time: %s', async (step) => {
    const first = await call(step);
    const before = await everything();
    // Even when the order is another by then.
    const again = await call(step, { ...ORDER, items: [{ sku: 'cup', quantity: 1 }], email: 'bob@example.com' });
    expect(again).toEqual(first);
    expect(await everything()).toEqual(before);
  });

  test.each(STEPS)('by many workers at a time is done once: %s', async (step) => {
    const receipts = await Promise.all(Array.from({ length: 20 }, () => call(step)));
    expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1);
    expect((await auditShop(redis, { settled: false })).ok).toBe(true);
  });

  test.each<[CartState, CartState]>([
    ['ReservePayment', 'ReleasePayment'],
    ['AllocateInventory', 'ReleaseInventory'],
    ['PlaceOrder', 'CancelOrder'],
    ['NotifyCustomer', 'RetractNotification'],
  ])('that comes after its compensation is refused: %s', async (step, compensation) => {
    expect(await call(compensation)).toEqual({ wasDone: false });
    await expect(call(step)).rejects.toMatchObject({ name: 'OrderCancelled' });
    expect((await auditShop(redis, { outcomes: new Map([['order-1', 'FAILED']]) })).ok).toBe(true);
  });

  test('that there is too little for changes nothing', async () => {
    const before = await everything();
    const items = [
      { sku: 'cup', quantity: 1 },
      { sku: 'teapot', quantity: 4 },
    ];
    await expect(call('AllocateInventory', { ...ORDER, items })).rejects.toMatchObject({
      name: 'OutOfStock',
      message: 'shelf:teapot has 3, which is too little',
    });
    expect(await everything()).toEqual(before);
  });
});

describe('a compensation', () => {
  test('leaves everything as it was, and the second time nothing to do', async () => {
    const books = async () => [await redis.hgetall(KEYS.money), await redis.hgetall(KEYS.stock)];
    const before = await books();
    for (const step of STEPS) await call(step);
    expect(await books()).not.toEqual(before);
    for (const compensation of COMPENSATIONS) {
      expect(await call(compensation)).toEqual({ wasDone: true });
      expect(await call(compensation)).toEqual({ wasDone: false });
    }
    expect(await books()).toEqual(before);
    expect(await redis.hgetall(KEYS.orders)).toEqual({ 'order-1': 'cancelled' });
  });
});

describe('the audit', () => {
  const violations = async (...options: Parameters<typeof auditShop> extends [unknown, ...infer Rest] ? Rest : never) =>
    (await auditShop(redis, ...options)).findings
      .filter((found) => found.violations.length > 0)
      .map((found) => found.invariant);

  test('finds nothing in a shop that has just opened, nor after a good order', async () => {
    expect(await violations()).toEqual([]);
    for (const step of STEPS) await call(step);
    expect(await violations({ outcomes: new Map([['order-1', 'SUCCEEDED']]) })).toEqual([]);
  });

  test('finds what is open, unless sagas are under way', async () => {
    await call('ReservePayment');
    expect(await violations()).toEqual(['nothing is held or allocated without a placed order']);
    expect(await violations({ settled: false })).toEqual([]);
  });

  test.each<[string, string[], (pretend: Redis) => Promise<unknown>]>([
    [
      'money that was made',
      ['money is neither made nor lost', 'every account has what the steps that were done moved'],
      (pretend) => pretend.hincrby(KEYS.money, 'customer:ada', 1),
    ],
    [
      'stock that was lost',
      ['stock is neither made nor lost', 'every account has what the steps that were done moved'],
      (pretend) => pretend.hincrby(KEYS.stock, 'shelf:cup', -1),
    ],
    [
      'money that moved without a step',
      ['no account is below zero', 'every account has what the steps that were done moved'],
      (pretend) =>
        pretend.multi().hincrby(KEYS.money, 'customer:ada', 9_000).hincrby(KEYS.money, 'customer:eve', -9_000).exec(),
    ],
    [
      'an order that is placed and was cancelled',
      ['no order is both placed and cancelled'],
      (pretend) => pretend.hset(KEYS.steps, 'order-1/PlaceOrder', 'undone'),
    ],
    [
      'an order that nobody was told of',
      ['every placed order is paid for, allocated and announced'],
      (pretend) => pretend.hdel(KEYS.outbox, 'order-1/placed'),
    ],
    [
      'an order that was called off and is on',
      ['every placed order is paid for, allocated and announced'],
      (pretend) => pretend.hset(KEYS.outbox, 'order-1/cancelled', 'sorry'),
    ],
    [
      'a customer who expects nothing',
      ['who was told of an order that is off was told so'],
      (pretend) => pretend.hset(KEYS.outbox, 'order-2/placed', 'thank you'),
    ],
  ])('finds %s', async (_what, expected, tamper) => {
    for (const step of STEPS) await call(step);
    await tamper(redis);
    expect(await violations()).toEqual(expected);
  });

  test('finds orders that ended otherwise than their executions', async () => {
    for (const step of STEPS) await call(step);
    const invariant = ['orders ended as their executions did'];
    expect(await violations({ outcomes: new Map([['order-1', 'FAILED']]) })).toEqual(invariant);
    expect(await violations({ outcomes: new Map([['order-2', 'SUCCEEDED']]) })).toEqual(invariant);
  });
});

test('a shop sells nothing that has no price', async () => {
  await expect(seedShop(redis, { customers: { ada: 1 }, stock: { unicorn: 1 } })).rejects.toThrow(
    'No price for unicorn',
  );
});
