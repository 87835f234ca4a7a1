import { afterEach, expect, test } from 'vitest';
import { startSystem } from '../../cli/system.ts';
import { createRedisStore } from '../../engine/store/redis/redis-store.ts';
import { readConfig } from '../../schemas/config.ts';
import { newRecord } from '../contracts/store/fixtures.ts';
import { startRedis } from '../support/redis.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { NodeProcess } from './support/node-process.ts';
import { until } from './support/until.ts';

/** A webhook hears of every change of status, whatever is killed before it has. */

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const SECRET = 'whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0';

test.each(['before', 'after'])('the engine is killed %s the queue of the webhook has it', async (DIES) => {
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  const receiver = new WebhookReceiver();
  receiver.secret = SECRET;
  await receiver.listen();
  cleanups.push(() => receiver.close());

  const store = await createRedisStore({ url: redis.url, shards: 2, retentionMs: 86_400_000 });
  cleanups.push(() => store.close());
  const webhook = { webhookId: 'w', url: receiver.url, secret: SECRET, filter: {}, enabled: true };
  await store.webhooks.create(webhook);
  const record = newRecord('a');
  const { stateMachineArn, stateMachineName: name, revisionId, roleArn } = record;
  const definition = '{"StartAt":"Done","States":{"Done":{"Type":"Pass","End":true}}}';
  const machine = { stateMachineArn, name, type: 'STANDARD', revisionId, roleArn, definition } as const;
  await store.registry.createMachine({ ...machine, configuration: '{}' });

  const script = new URL('./support/doomed-announcer-main.ts', import.meta.url);
  const env = { REDIS_URL: redis.url, DIES };
  const doomed = new NodeProcess({ script, env, isReady: (line) => line === 'ready' });
  cleanups.push(() => doomed.kill());
  await doomed.start();
  await store.executions.start(record, 'request');
  await until('it dies of what it has to tell', async () => !doomed.isAlive);
  expect(receiver.received).toEqual([]);

  const read = readConfig({ PORT: '0', STEPYARD_SHARDS: '2', STEPYARD_LEASE_MS: '1000' });
  if (!read.ok) throw new Error(read.problems.join());
  const system = await startSystem(read.config, redis.url, { info() {}, warn() {}, error() {} });
  cleanups.push(() => system.stop());
  const told = () => new Set(receiver.statusesOf(record.executionArn));
  await expect.poll(told, { timeout: 60_000 }).toEqual(new Set(['RUNNING', 'SUCCEEDED']));
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
  expect(receiver.received.every(({ verified }) => verified)).toBe(true);
});
