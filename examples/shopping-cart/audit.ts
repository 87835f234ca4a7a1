import type { Redis } from 'ioredis';
import { type Booking, KEYS } from './shop.ts';

/** Whether the books of the shop add up. */

/** A sentence that shall be true of the shop, and what speaks against it. */
export interface Finding {
  readonly invariant: string;
  /** Empty when it holds. */
  readonly violations: readonly string[];
}

export interface Audit {
  /** Whether every invariant holds. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export interface AuditOptions {
  /**
   * Whether every saga has ended (default), so that all that is held must belong to a placed order. While sagas run,
   * only what holds at every instant is checked.
   */
  readonly settled?: boolean;
  /** How the execution of each order ended: one that succeeded has placed its order, any other has left nothing. */
  readonly outcomes?: ReadonlyMap<string, 'SUCCEEDED' | 'FAILED'>;
}

/** The books at one instant, as {@link KEYS} describes them. */
interface Books {
  readonly money: ReadonlyMap<string, number>;
  readonly stock: ReadonlyMap<string, number>;
  readonly orders: ReadonlyMap<string, string>;
  readonly outbox: ReadonlyMap<string, string>;
  readonly opening: ReadonlyMap<string, number>;
  readonly steps: ReadonlyMap<string, string>;
}

type Invariant = (books: Books) => Iterable<string>;

/** Reads the whole shop at one instant and checks every invariant. */
export async function auditShop(redis: Redis, { settled = true, outcomes }: AuditOptions = {}): Promise<Audit> {
  const books = await readBooks(redis);
  const invariants: Record<string, Invariant> = {
    ...ALWAYS,
    ...(settled ? SETTLED : {}),
    ...(outcomes ? { 'orders ended as their executions did': (those: Books) => endings(those, outcomes) } : {}),
  };
  const findings = Object.entries(invariants).map(([invariant, violations]) => ({
    invariant,
    violations: [...violations(books)],
  }));
  return { ok: findings.every(({ violations }) => violations.length === 0), findings };
}

/** True at every instant, since every change is atomic. */
const ALWAYS: Record<string, Invariant> = {
  *'money is neither made nor lost'({ money, opening }) {
    const before = sum(unitsOf(opening, 'customer:'));
    const now = sum(money.values());
    if (now !== before) yield `there are ${now} cents, there were ${before}`;
  },
  *'stock is neither made nor lost'({ stock, opening }) {
    for (const [shelf, before] of opening) {
      const sku = shelf.startsWith('shelf:') ? lastPart(shelf) : undefined;
      const now = sum([...stock].filter(([place]) => lastPart(place) === sku).map(([, units]) => units));
      if (sku !== undefined && now !== before) yield `there are ${now} of ${sku}, there were ${before}`;
    }
  },
  *'no account is below zero'({ money, stock }) {
    for (const [account, units] of [...money, ...stock]) if (units < 0) yield `${account} has ${units}`;
  },
  *'every account has what the steps that were done moved'({ money, stock, opening, steps }) {
    const expected = new Map(opening);
    const add = (account: string, units: number) => expected.set(account, (expected.get(account) ?? 0) + units);
    for (const { from, to, units } of [...steps.values()].flatMap(movesOf)) {
      add(from, -units);
      add(to, units);
    }
    const now = new Map([...money, ...stock]);
    for (const account of new Set([...expected.keys(), ...now.keys()])) {
      const [should, is] = [expected.get(account) ?? 0, now.get(account) ?? 0];
      if (is !== should) yield `${account} has ${is}, not ${should}`;
    }
  },
  *'no order is both placed and cancelled'({ orders, steps }) {
    for (const [order, status] of orders) {
      const wasUndone = steps.get(`${order}/PlaceOrder`) === 'undone';
      if ((status === 'placed') === wasUndone) yield `${order} is ${status}, its step ${wasUndone ? 'undone' : 'done'}`;
    }
  },
};

/** True when no saga is under way. */
const SETTLED: Record<string, Invariant> = {
  *'nothing is held or allocated without a placed order'({ money, stock, orders }) {
    for (const account of [...money.keys(), ...stock.keys()]) {
      const order = orderOf(account);
      if (order !== undefined && orders.get(order) !== 'placed') yield `${account}, but the order is not placed`;
    }
  },
  *'every placed order is paid for, allocated and announced'({ orders, money, stock, outbox }) {
    for (const [order, status] of orders) {
      if (status !== 'placed') continue;
      if (!money.has(`held:${order}`)) yield `${order} is not paid for`;
      if (![...stock.keys()].some((place) => place.startsWith(`allocated:${order}:`))) yield `${order} has no goods`;
      if (!outbox.has(`${order}/placed`)) yield `nobody was told of ${order}`;
      if (outbox.has(`${order}/cancelled`)) yield `${order} is placed, and its customer was told that it is cancelled`;
    }
  },
  *'who was told of an order that is off was told so'({ orders, outbox }) {
    for (const message of outbox.keys()) {
      const order = message.endsWith('/placed') ? message.slice(0, -'/placed'.length) : undefined;
      if (order !== undefined && orders.get(order) !== 'placed' && !outbox.has(`${order}/cancelled`)) {
        yield `the customer of ${order} still expects it`;
      }
    }
  },
};

function* endings({ orders }: Books, outcomes: ReadonlyMap<string, 'SUCCEEDED' | 'FAILED'>): Iterable<string> {
  for (const [order, outcome] of outcomes) {
    const isPlaced = orders.get(order) === 'placed';
    if (isPlaced !== (outcome === 'SUCCEEDED')) yield `${order} ${outcome}, and is ${isPlaced ? '' : 'not '}placed`;
  }
  for (const [order, status] of orders) {
    if (status === 'placed' && !outcomes.has(order)) yield `${order} is placed by no execution`;
  }
}

/** The order that `held:order-1` and `allocated:order-1:teapot` belong to. */
function orderOf(account: string): string | undefined {
  if (account.startsWith('held:')) return account.slice('held:'.length);
  if (account.startsWith('allocated:')) return account.slice('allocated:'.length, account.lastIndexOf(':'));
  return undefined;
}

const unitsOf = (book: ReadonlyMap<string, number>, prefix: string): number[] =>
  [...book].filter(([account]) => account.startsWith(prefix)).map(([, units]) => units);

const lastPart = (account: string): string => account.slice(account.lastIndexOf(':') + 1);

const sum = (units: Iterable<number>): number => [...units].reduce((total, some) => total + some, 0);

function movesOf(step: string): Booking['moves'] {
  if (step === 'undone') return [];
  const { moves }: Booking = JSON.parse(step);
  return moves;
}

async function readBooks(redis: Redis): Promise<Books> {
  const names = ['money', 'stock', 'orders', 'outbox', 'opening', 'steps'] as const;
  const transaction = redis.multi();
  for (const name of names) transaction.hgetall(KEYS[name]);
  const answers = (await transaction.exec()) ?? [];
  const [money, stock, orders, outbox, opening, steps] = answers.map(([error, hash]) => {
    if (error) throw error;
    return textsOf(hash);
  });
  const none = new Map<string, string>();
  return {
    money: numbersOf(money ?? none),
    stock: numbersOf(stock ?? none),
    opening: numbersOf(opening ?? none),
    orders: orders ?? none,
    outbox: outbox ?? none,
    steps: steps ?? none,
  };
}

const textsOf = (hash: unknown): Map<string, string> =>
  new Map(Object.entries(hash ?? {}).map(([field, value]) => [field, String(value)]));

const numbersOf = (texts: ReadonlyMap<string, string>): Map<string, number> =>
  new Map([...texts].map(([field, value]) => [field, Number(value)]));
