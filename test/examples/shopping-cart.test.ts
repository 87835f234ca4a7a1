import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditShop } from '../../examples/shopping-cart/audit.ts';
import type { Fault, Order } from '../../examples/shopping-cart/order.ts';
import { KEYS, seedShop } from '../../examples/shopping-cart/shop.ts';
import { type CartWorkers, cartDefinition, startCartWorkers } from '../../examples/shopping-cart/workers.ts';
import { type Ended, putMachine, runExecution } from '../../examples/support/machine.ts';
import { linesOf, pathOf } from '../../examples/support/timeline.ts';
import { useSystem } from './support/system.ts';

const STEPS = ['ValidateAddress', 'ReservePayment', 'AllocateInventory', 'PlaceOrder', 'NotifyCustomer'] as const;
const COMPENSATIONS = ['RetractNotification', 'CancelOrder', 'ReleaseInventory', 'ReleasePayment'] as const;
/** The first changes nothing, so there is nothing to undo when it fails. */
const CHANGING_STEPS = STEPS.slice(1);

const system = useSystem();
let workers: CartWorkers;
let machine: string;
const outcomes = new Map<string, 'SUCCEEDED' | 'FAILED'>();

beforeAll(async () => {
  await seedShop(system.redis, {
    customers: { ada: 1_000_000, bob: 1000 },
    stock: { teapot: 100, cup: 100, kettle: 9 },
  });
  workers = await startCartWorkers({ endpoint: system.endpoint, redis: system.redis });
  machine = await putMachine(system.client, 'shopping-cart', cartDefinition(workers.activityArn));
});
afterAll(() => workers?.stop());

let orders = 0;
const anOrder = (changes: Partial<Order> = {}): Order => {
  orders += 1;
  return {
    orderId: `order-${orders}`,
    customer: 'ada',
    email: 'ada@example.com',
    address: { street: 'Invalidenstrasse 116', zip: '10115' },
    items: [
      { sku: 'teapot', quantity: 1 },
      { sku: 'cup', quantity: 2 },
    ],
    ...changes,
  };
};

async function play(order: Order): Promise<Ended> {
  const ended = await runExecution(system.client, machine, order);
  outcomes.set(order.orderId, ended.status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED');
  return ended;
}

const violations = async (): Promise<string[]> => {
  const { findings } = await auditShop(system.redis, { outcomes });
  return findings.flatMap(({ invariant, violations: against }) => against.map((one) => `${invariant}: ${one}`));
};

/** The way of an order that fails at a step: up to it, and back from it. */
function wayBackFrom(step: (typeof STEPS)[number]): string[] {
  const done = STEPS.indexOf(step);
  return [...STEPS.slice(0, done + 1), ...COMPENSATIONS.slice(COMPENSATIONS.length - done), 'OrderFailed'];
}

const isPlaced = async ({ orderId }: Order): Promise<boolean> =>
  (await system.redis.hget(KEYS.orders, orderId)) === 'placed';

describe('an order', () => {
  test('that works keeps the receipt of every step', async () => {
    const order = anOrder();
    const ended = await play(order);
    expect(pathOf(ended.events)).toEqual([...STEPS, 'OrderPlaced']);
    expect(ended.output).toEqual({
      ...order,
      receipts: {
        address: { deliverTo: 'Invalidenstrasse 116, 10115 Berlin' },
        payment: { held: `held:${order.orderId}`, cents: 2500 + 2 * 850 },
        inventory: { teapot: 1, cup: 2 },
        order: { status: 'placed' },
        notification: { to: 'ada@example.com' },
      },
    });
    expect(await isPlaced(order)).toBe(true);
    expect(await violations()).toEqual([]);
  });

  test.each(STEPS)('that fails at %s is rolled back from there', async (step) => {
    const ended = await play(anOrder({ faults: { [step]: { error: 'Broken' } } }));
    expect(pathOf(ended.events)).toEqual(wayBackFrom(step));
    expect([ended.status, ended.error, ended.cause]).toEqual(['FAILED', 'Broken', 'as the order asks for']);
    expect(await violations()).toEqual([]);
  });

  test.each(CHANGING_STEPS)('is rolled back when only the answer of %s is lost', async (step) => {
    const order = anOrder({ faults: { [step]: { error: 'AnswerLost', afterwards: true } } });
    const ended = await play(order);
    expect(pathOf(ended.events)).toEqual(wayBackFrom(step));
    expect(await system.redis.hget(KEYS.steps, `${order.orderId}/${step}`)).toBe('undone');
    expect(await violations()).toEqual([]);
  });
});

/** Played all at once: what takes so long is the delays of the definition. */
describe('with retries', () => {
  const away: Fault = { error: 'ServiceUnavailable', times: 1, afterwards: true };
  const locked: Fault = { error: 'LedgerLocked', times: 2 };
  const atEach = (states: readonly string[], fault: Fault) => Object.fromEntries(states.map((state) => [state, fault]));
  const broken: Fault = { error: 'Broken' };
  const played = new Map<string, Ended>();

  beforeAll(async () => {
    const faults: Record<string, Order['faults']> = {
      'each answer lost once': atEach(STEPS, away),
      'away for good': { PlaceOrder: { error: 'ServiceUnavailable' } },
      'each compensation lost once': {
        NotifyCustomer: broken,
        ...atEach(COMPENSATIONS, { ...away, error: 'AnswerLost' }),
      },
      ...Object.fromEntries(COMPENSATIONS.map((name) => [name, { NotifyCustomer: broken, [name]: locked }])),
    };
    const plays = Object.entries(faults).map(async ([name, fault = {}]) => {
      played.set(name, await play(anOrder({ faults: fault })));
    });
    await Promise.all(plays);
  });

  const get = (name: string): { path: string[]; tries: (state: string) => unknown[]; error: string | undefined } => {
    const { events = [], error } = played.get(name) ?? {};
    const tries = (state: string) => linesOf(events).flatMap((line) => (line.state === state ? [line.error] : []));
    return { path: pathOf(events), tries, error };
  };

  test('a step whose answer was lost is asked for again, and done once', () => {
    const { path, tries } = get('each answer lost once');
    expect(path).toEqual([...STEPS, 'OrderPlaced']);
    for (const step of STEPS) expect(tries(step)).toEqual(['ServiceUnavailable', undefined]);
  });

  test('an order is rolled back when a service stays away', () => {
    const { path, tries, error } = get('away for good');
    expect(path).toEqual(wayBackFrom('PlaceOrder'));
    expect(tries('PlaceOrder')).toEqual(Array(4).fill('ServiceUnavailable'));
    expect(error).toBe('ServiceUnavailable');
  });

  test.each(COMPENSATIONS)(
    'a compensation that fails twice is tried until it works, and the next wait for it: %s',
    (name) => {
      const { path, tries, error } = get(name);
      expect(path).toEqual(wayBackFrom('NotifyCustomer'));
      expect(tries(name)).toEqual(['LedgerLocked', 'LedgerLocked', undefined]);
      expect(error).toBe('Broken');
    },
  );

  test('a compensation whose answer was lost undoes once', () => {
    const { path, tries } = get('each compensation lost once');
    expect(path).toEqual(wayBackFrom('NotifyCustomer'));
    for (const name of COMPENSATIONS) expect(tries(name)).toEqual(['AnswerLost', undefined]);
  });

  test('the books add up', async () => expect(await violations()).toEqual([]));
});

describe('a rollback', () => {
  test('tells a customer who was told of the order that it is off, and nobody else', async () => {
    const told = anOrder({ faults: { NotifyCustomer: { error: 'AnswerLost', afterwards: true } } });
    const untold = anOrder({ faults: { NotifyCustomer: { error: 'Broken' } } });
    await Promise.all([play(told), play(untold)]);
    const messages = await system.redis.hkeys(KEYS.outbox);
    expect(messages.filter((message) => message.startsWith(`${told.orderId}/`)).sort()).toEqual([
      `${told.orderId}/cancelled`,
      `${told.orderId}/placed`,
    ]);
    expect(messages.filter((message) => message.startsWith(`${untold.orderId}/`))).toEqual([]);
  });
});

describe('an order fails by itself', () => {
  const { email: _email, ...withoutMailbox } = anOrder();
  test.each<[string, (typeof STEPS)[number], Partial<Order>]>([
    ['AddressUnknown', 'ValidateAddress', { address: { street: 'Nowhere 1', zip: '99999' } }],
    ['InvalidOrder', 'ValidateAddress', { items: [{ sku: 'teapot', quantity: -5 }] }],
    ['InvalidOrder', 'ValidateAddress', { items: [] }],
    ['InvalidOrder', 'ValidateAddress', { customer: '' }],
    ['InvalidOrder', 'ValidateAddress', { address: { street: '', zip: '10115' } }],
    ['UnknownItem', 'ReservePayment', { items: [{ sku: 'unicorn', quantity: 1 }] }],
    ['PaymentLimitExceeded', 'ReservePayment', { items: [{ sku: 'kettle', quantity: 9 }] }],
    ['InsufficientFunds', 'ReservePayment', { customer: 'bob' }],
    ['InsufficientFunds', 'ReservePayment', { customer: 'nobody' }],
    [
      'OutOfStock',
      'AllocateInventory',
      {
        items: [
          { sku: 'cup', quantity: 30 },
          { sku: 'teapot', quantity: 3 },
          { sku: 'kettle', quantity: 2 },
          { sku: 'teapot', quantity: 1 },
        ],
      },
    ],
  ])('with %s at %s', async (error, step, changes) => {
    // Less than is asked for, whatever other tests have taken.
    if (error === 'OutOfStock') await play(anOrder({ items: [{ sku: 'kettle', quantity: 8 }] }));
    const ended = await play(anOrder(changes));
    expect([ended.status, ended.error]).toEqual(['FAILED', error]);
    expect(pathOf(ended.events)).toEqual(wayBackFrom(step));
    expect(await violations()).toEqual([]);
  });

  test('when there is nowhere to write to', async () => {
    const ended = await play({ ...withoutMailbox, orderId: 'no-mailbox' });
    expect(ended.error).toBe('NoMailbox');
    expect(pathOf(ended.events)).toEqual(wayBackFrom('NotifyCustomer'));
    expect(await violations()).toEqual([]);
  });
});
