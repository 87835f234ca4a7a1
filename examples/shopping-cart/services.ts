import type { Redis } from 'ioredis';
import { TaskError, UNAVAILABLE } from '../support/worker.ts';
import { CITIES, type Fault, type Item, type Order, PAYMENT_LIMIT, PRICES } from './order.ts';
import { type Booking, doStep, KEYS, undoStep } from './shop.ts';

/**
 * The five services of the shop and what undoes them: a function of the order for each state of the definition.
 *
 * A task can be given out again when its worker has died, and the answer of a worker can be lost. So none of these counts on
 * being called once, and none on being called in time: doStep and undoStep see to both.
 */

export type CartState = keyof typeof SERVICES;

type Service = (redis: Redis, order: Order) => unknown;

export const SERVICES = {
  ValidateAddress: (_redis, order) => {
    check(order);
    const city = CITIES[order.address.zip];
    if (city === undefined) throw new TaskError('AddressUnknown', `Nobody delivers to ${order.address.zip}`);
    return { deliverTo: `${order.address.street}, ${order.address.zip} ${city}` };
  },

  ReservePayment: (redis, order) => doStep(redis, order, 'ReservePayment', payment(order), 'InsufficientFunds'),
  ReleasePayment: (redis, order) => undoStep(redis, order, 'ReservePayment'),

  AllocateInventory: (redis, order) => doStep(redis, order, 'AllocateInventory', allocation(order), 'OutOfStock'),
  ReleaseInventory: (redis, order) => undoStep(redis, order, 'AllocateInventory'),

  PlaceOrder: (redis, order) => doStep(redis, order, 'PlaceOrder', placement(order)),
  CancelOrder: (redis, order) => undoStep(redis, order, 'PlaceOrder'),

  NotifyCustomer: (redis, order) => doStep(redis, order, 'NotifyCustomer', notification(order)),
  RetractNotification: (redis, order) => undoStep(redis, order, 'NotifyCustomer'),
} satisfies Record<string, Service>;

/** Runs a service, and has it fail where the order asks for that. */
export async function serve(state: CartState, redis: Redis, order: Order): Promise<unknown> {
  const service: Service = SERVICES[state];
  const fault = order.faults?.[state];
  if (fault && !fault.afterwards) await strike(redis, order, state, fault);
  const receipt = await service(redis, order);
  if (fault?.afterwards) await strike(redis, order, state, fault);
  return receipt;
}

/** Fails until the fault has struck as often as it shall. Counted in Redis, since each attempt may be another worker's. */
async function strike(redis: Redis, order: Order, state: CartState, { error, times }: Fault): Promise<void> {
  const count = await redis.hincrby(KEYS.faults, `${order.orderId}/${state}`, 1);
  if (times !== undefined && count > times) return;
  const cause = times === undefined ? 'as the order asks for' : `failure ${count} of ${times} that the order asks for`;
  throw new TaskError(error || UNAVAILABLE, cause);
}

/** Refuses what the services behind would misunderstand: a quantity below zero would be a payment to the customer. */
function check({ orderId, customer, items, address }: Order): void {
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
  if (!isText(orderId) || !isText(customer)) throw new TaskError('InvalidOrder', 'orderId and customer are needed');
  if (!isText(address?.street) || !isText(address.zip)) throw new TaskError('InvalidOrder', 'an address is needed');
  const isItem = (item: Item): boolean => isText(item?.sku) && Number.isInteger(item.quantity) && item.quantity > 0;
  if (!Array.isArray(items) || items.length === 0 || !items.every(isItem)) {
    throw new TaskError(
      'InvalidOrder',
      'at least one item is needed, each with its sku and a whole quantity above zero',
    );
  }
}

const NOTHING = { moves: [], entries: [], corrections: [] };

function payment({ orderId, customer, items }: Order): Booking {
  const cents = items.reduce((sum, { sku, quantity }) => sum + priceOf(sku) * quantity, 0);
  if (cents > PAYMENT_LIMIT) throw new TaskError('PaymentLimitExceeded', `${cents} cents are over ${PAYMENT_LIMIT}`);
  const move = { book: 'money', from: `customer:${customer}`, to: `held:${orderId}`, units: cents } as const;
  return { ...NOTHING, moves: [move], receipt: { held: move.to, cents } };
}

function priceOf(sku: string): number {
  const price = PRICES[sku];
  if (price === undefined) throw new TaskError('UnknownItem', `${sku} is not for sale`);
  return price;
}

function allocation({ orderId, items }: Order): Booking {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of items) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  const moves = [...quantities].map(
    ([sku, units]) => ({ book: 'stock', from: `shelf:${sku}`, to: `allocated:${orderId}:${sku}`, units }) as const,
  );
  return { ...NOTHING, moves, receipt: Object.fromEntries(quantities) };
}

function placement({ orderId }: Order): Booking {
  const entry = (value: string) => ({ book: 'orders', field: orderId, value }) as const;
  return { moves: [], entries: [entry('placed')], corrections: [entry('cancelled')], receipt: { status: 'placed' } };
}

function notification({ orderId, customer, email }: Order): Booking {
  if (!email) throw new TaskError('NoMailbox', `${customer} has given no address to write to`);
  const message = (status: string, text: string) =>
    ({ book: 'outbox', field: `${orderId}/${status}`, value: `To ${email}: ${text}` }) as const;
  return {
    moves: [],
    entries: [message('placed', `Thank you! Order ${orderId} is on its way.`)],
    corrections: [message('cancelled', `We are sorry: order ${orderId} is cancelled, and you pay nothing.`)],
    receipt: { to: email },
  };
}
