import type { Order } from './order.ts';
import type { ShopSeed } from './shop.ts';

/** What `npm run example:cart` plays: a shop, and orders that end in every way there is. */

export const SHOP: ShopSeed = {
  customers: { ada: 100_000, grace: 20_000 },
  stock: { teapot: 10, cup: 20, kettle: 9 },
};

export interface Sample {
  readonly title: string;
  readonly order: Order;
}

/** @param run makes the order ids of this run differ from those of any other */
export function sampleOrders(run: string): Sample[] {
  const good = {
    customer: 'ada',
    email: 'ada@example.com',
    address: { street: 'Invalidenstrasse 116', zip: '10115' },
    items: [
      { sku: 'teapot', quantity: 1 },
      { sku: 'cup', quantity: 4 },
    ],
  };
  const sample = (name: string, title: string, changes: Partial<Order> = {}): Sample => ({
    title: `${run}-${name}: ${title}`,
    order: { ...good, orderId: `${run}-${name}`, ...changes },
  });
  const { email: _none, ...withoutMailbox } = good;
  return [
    sample('happy', 'everything works'),
    sample('hiccup', 'the payment service is away twice, which is tried again', {
      faults: { ReservePayment: { error: 'ServiceUnavailable', times: 2 } },
    }),
    sample('address', 'nobody delivers there', { address: { street: 'Nowhere 1', zip: '99999' } }),
    sample('payment', 'too expensive', { customer: 'grace', items: [{ sku: 'kettle', quantity: 9 }] }),
    sample('stock', 'not enough teapots', { items: [{ sku: 'teapot', quantity: 11 }] }),
    sample('order', 'the order is placed, but the answer is lost', {
      faults: { PlaceOrder: { error: 'OrderBookClosed', afterwards: true } },
    }),
    { ...sample('notify', 'the customer cannot be told'), order: { ...withoutMailbox, orderId: `${run}-notify` } },
    sample('rollback', 'the rollback itself fails twice, and goes on', {
      items: [
        { sku: 'kettle', quantity: 1 },
        { sku: 'cup', quantity: 30 },
      ],
      faults: { ReleasePayment: { error: 'LedgerLocked', times: 2 } },
    }),
  ];
}
