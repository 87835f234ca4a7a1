import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { TaskError } from '../support/worker.ts';
import { type Order, PRICES } from './order.ts';

/**
 * What the shop keeps, in Redis: books of accounts between which units move (cents of money, pieces of stock), the orders,
 * and an outbox of messages. Every change is one atomic script, and belongs to a step of an order that is done once
 * and undone once, however often a worker is asked to.
 */

/** The braces put all keys on one node of a Redis Cluster: a script changes several of them. */
export const KEYS = {
  /** Of every step that was done or undone (`order-1/ReservePayment`): its booking as JSON, or `undone`. */
  steps: '{shop}:steps',
  /** Cents by account: `customer:ada` is what she has, `held:order-1` what is reserved for an order. */
  money: '{shop}:money',
  /** Pieces by place: `shelf:teapot`, `allocated:order-1:teapot`. */
  stock: '{shop}:stock',
  /** `placed` or `cancelled` by order. */
  orders: '{shop}:orders',
  /** Messages: `order-1/placed`, `order-1/cancelled`. */
  outbox: '{shop}:outbox',
  /** What there was at the beginning, for the audit. */
  opening: '{shop}:opening',
  /** How often a fault has struck, by order and state. */
  faults: '{shop}:faults',
} as const;

export type StepName = 'ReservePayment' | 'AllocateInventory' | 'PlaceOrder' | 'NotifyCustomer';

/** What a step does, and what it takes to undo it. */
export interface Booking {
  /** All of them or none: an account that has too few units refuses the step. Undoing moves them back. */
  readonly moves: readonly Move[];
  readonly entries: readonly Entry[];
  /** Written when the step is undone. */
  readonly corrections: readonly Entry[];
  /** What the saga's state keeps of it. */
  readonly receipt: { readonly [name: string]: string | number };
}

export interface Move {
  readonly book: 'money' | 'stock';
  readonly from: string;
  readonly to: string;
  readonly units: number;
}

export interface Entry {
  readonly book: 'orders' | 'outbox';
  readonly field: string;
  readonly value: string;
}

const script = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
const DO_STEP = script('do-step');
const UNDO_STEP = script('undo-step');
const BOOKS = [KEYS.steps, KEYS.money, KEYS.stock, KEYS.orders, KEYS.outbox];

/**
 * Does a step, or finds that it has been done.
 *
 * @param shortage name of the error when an account has too few units
 * @returns the receipt of the first time
 * @throws TaskError `shortage`, or `OrderCancelled` when the step was undone before it came to be done
 */
export async function doStep(
  redis: Redis,
  order: Order,
  step: StepName,
  booking: Booking,
  shortage = 'Shortage',
): Promise<Booking['receipt']> {
  const id = `${order.orderId}/${step}`;
  const answer = await redis.eval(DO_STEP, BOOKS.length, ...BOOKS, id, JSON.stringify(booking));
  const [outcome, detail, units] = Array.isArray(answer) ? answer.map(String) : [];
  if (outcome === 'done') return readReceipt(detail);
  if (outcome === 'short') throw new TaskError(shortage, `${detail} has ${units}, which is too little`);
  throw new TaskError('OrderCancelled', `${id} was undone already`);
}

/** Undoes a step. Where it was not done, it cannot be done any more. */
export async function undoStep(redis: Redis, order: Order, step: StepName): Promise<{ readonly wasDone: boolean }> {
  const wasDone = await redis.eval(UNDO_STEP, BOOKS.length, ...BOOKS, `${order.orderId}/${step}`);
  return { wasDone: wasDone === 1 };
}

function readReceipt(booking: string | undefined): Booking['receipt'] {
  const { receipt }: Booking = JSON.parse(booking ?? '{}');
  return receipt;
}

export interface ShopSeed {
  /** Cents by customer. */
  readonly customers: { readonly [name: string]: number };
  /** Pieces by what they are. */
  readonly stock: { readonly [sku: string]: number };
}

/** Closes the shop that was there and opens one with this in it. */
export async function seedShop(redis: Redis, { customers, stock }: ShopSeed): Promise<void> {
  const unknown = Object.keys(stock).filter((sku) => PRICES[sku] === undefined);
  if (unknown.length > 0) throw new Error(`No price for ${unknown.join(', ')}`);
  const accounts = (prefix: string, units: { readonly [name: string]: number }): Record<string, number> =>
    Object.fromEntries(Object.entries(units).map(([name, count]) => [`${prefix}:${name}`, count]));
  const money = accounts('customer', customers);
  const shelves = accounts('shelf', stock);
  await redis
    .multi()
    .del(...Object.values(KEYS))
    .hset(KEYS.money, money)
    .hset(KEYS.stock, shelves)
    .hset(KEYS.opening, { ...money, ...shelves })
    .exec();
}
