import { expect, test } from 'vitest';
import { createAnnouncer } from '../../engine/runtime/announcer.ts';
import { WebhookList } from '../../engine/runtime/webhook-list.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import { newRecord } from '../contracts/store/fixtures.ts';

test('a change is delivered under one id however often it is told, and under another when the name is used again', async () => {
  const store = createMemoryStore({ retentionMs: 1, shards: 1 });
  const webhook = { webhookId: 'w1', url: 'https://example.com/', secret: 'whsec_AAAA', filter: {}, enabled: true };
  await store.webhooks.create(webhook);
  const ids: string[] = [];
  const announcer = createAnnouncer(new WebhookList({ store: store.webhooks, log: { warn() {} } }), {
    async add(deliveries) {
      ids.push(...deliveries.map(({ deliveryId }) => deliveryId));
    },
  });
  for (const startMs of [1, 1, 2]) {
    const change = { state: { status: 'RUNNING' } } as const;
    const execution = { ...newRecord('a'), startMs };
    await announcer.deliver({ id: 'n', type: 'changed', execution, change, webhookIds: ['w1'] });
  }
  const [first, again, later] = ids;
  expect(again).toBe(first);
  expect(later).not.toBe(first);
  expect(ids).toHaveLength(3);
});
