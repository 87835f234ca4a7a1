import { Redis } from 'ioredis';
import { auditShop } from '../../../examples/shopping-cart/audit.ts';
import { sampleOrders } from '../../../examples/shopping-cart/sample-orders.ts';
import { seedShop } from '../../../examples/shopping-cart/shop.ts';
import type { Told } from './invariants.ts';
import { NodeProcess } from './node-process.ts';
import type { Start } from './run.ts';

/** The shopping cart of the examples: its orders, its workers as processes, and whether its books add up. */

const SAMPLES = sampleOrders('').length;

/** Opens the shop, with goods for some of the orders. */
export async function openShop(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  await seedShop(redis, { customers: { ada: 500_000, grace: 20_000 }, stock: { teapot: 15, cup: 150, kettle: 9 } });
  redis.disconnect();
}

/** As many orders, of every kind. */
export function orders(stateMachineArn: string, count: number): Start[] {
  const rounds = Array.from({ length: Math.ceil(count / SAMPLES) }, (_, round) => sampleOrders(`round-${round}`));
  return rounds
    .flat()
    .slice(0, count)
    .map(({ order }) => ({ stateMachineArn, name: order.orderId, input: order }));
}

export const cartWorker = (endpoint: string, shopUrl: string): NodeProcess =>
  new NodeProcess({
    script: new URL('../../../examples/shopping-cart/worker-main.ts', import.meta.url),
    env: { STEPYARD_ENDPOINT: endpoint, SHOP_REDIS_URL: shopUrl },
    isReady: (line) => line.startsWith('ready'),
    // The SDK gives up when no server is there for long; whoever runs workers starts them again.
    supervised: true,
  });

/** What speaks against the books, when these are the executions of all orders. */
export async function shopViolations(redisUrl: string, told: readonly Told[]): Promise<string[]> {
  const redis = new Redis(redisUrl);
  const outcomes = new Map(
    told.map(({ executionArn, status }) => [
      executionArn.slice(executionArn.lastIndexOf(':') + 1),
      status === 'SUCCEEDED' ? ('SUCCEEDED' as const) : ('FAILED' as const),
    ]),
  );
  const { findings } = await auditShop(redis, { outcomes });
  redis.disconnect();
  return findings.flatMap(({ invariant, violations }) => violations.map((violation) => `${invariant}: ${violation}`));
}
