import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { createClient } from '../support/client.ts';
import { putMachine, runExecution } from '../support/machine.ts';
import { useServiceRedis } from '../support/redis.ts';
import { runExample } from '../support/run-example.ts';
import { printTimeline } from '../support/timeline.ts';
import { type Audit, auditShop } from './audit.ts';
import { SHOP, sampleOrders } from './sample-orders.ts';
import { seedShop } from './shop.ts';
import { cartDefinition, startCartWorkers } from './workers.ts';

/** `npm run example:cart`: orders that end in every way, what happened to them, and whether the books add up. */

const isCompensation = (state: string): boolean => /^(Retract|Cancel|Release)/.test(state);

await runExample(async (endpoint, onExit) => {
  const { redis } = await useServiceRedis(process.env['SHOP_REDIS_URL'], onExit);
  await seedShop(redis, SHOP);
  const workers = await startCartWorkers({ endpoint, redis, name: 'cart-example' });
  onExit(workers.stop);
  const client = createClient(endpoint);
  onExit(async () => client.destroy());
  const machine = await putMachine(client, 'shopping-cart', cartDefinition(workers.activityArn));

  const outcomes = new Map<string, 'SUCCEEDED' | 'FAILED'>();
  for (const { title, order } of sampleOrders(randomBytes(2).toString('hex'))) {
    const ended = await runExecution(client, machine, order);
    printTimeline(title, ended, isCompensation);
    outcomes.set(order.orderId, ended.status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED');
  }

  const audit = await auditShop(redis, { outcomes });
  printAudit(audit);
  return audit.ok ? 0 : 1;
});

function printAudit({ findings }: Audit): void {
  console.log(`\n${styleText('bold', 'audit')}`);
  for (const { invariant, violations } of findings) {
    console.log(
      `  ${violations.length === 0 ? styleText('green', 'holds  ') : styleText('red', 'BROKEN ')} ${invariant}`,
    );
    for (const violation of violations) console.log(`          ${violation}`);
  }
}
