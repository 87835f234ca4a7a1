import { describe, expect, test } from 'vitest';
import { executionId, shardOf } from '../../../engine/store/execution-id.ts';
import type { Store } from '../../../engine/store/store.ts';
import { MAX_WEBHOOKS, type StatusChange, type Webhook } from '../../../schemas/webhook.ts';
import { begin, claim, executionArn, SHARDS, type StoreHarness, writeOf } from './fixtures.ts';

const newWebhook = (webhookId: string, more: Partial<Webhook> = {}): Omit<Webhook, 'createdMs'> => ({
  webhookId,
  url: 'https://example.com/hook',
  secret: 'whsec_AAAA',
  filter: { statuses: ['FAILED'], namePrefix: 'ä' },
  enabled: true,
  ...more,
});

async function add(store: Store, webhookId: string): Promise<Webhook> {
  const created = await store.webhooks.create(newWebhook(webhookId));
  if (created === 'full') throw new Error('There are enough');
  return created;
}

export function testWebhooks(harness: StoreHarness): void {
  describe('webhooks', () => {
    testKeeping(harness);
    testChanging(harness);
  });
  describe('a status change that webhooks want to hear of', () => testAnnouncing(harness));
}

function testKeeping({ open, again, elapse }: StoreHarness): void {
  test('are listed, the oldest first', async () => {
    const store = await open();
    const first = await add(store, 'b');
    expect(first).toEqual({ ...newWebhook('b'), createdMs: first.createdMs });
    await elapse(2);
    const second = await add(store, 'a');
    const { webhooks } = await again(store);
    expect(await webhooks.list()).toEqual([first, second]);
    expect(await webhooks.get('a')).toEqual(second);
    expect(await webhooks.get('#')).toBeUndefined();
    expect(second.createdMs).toBeGreaterThan(first.createdMs);
  });

  test('are at most as many as there may be', async () => {
    const store = await open();
    for (let index = 0; index < MAX_WEBHOOKS; index += 1) await add(store, `w${index}`);
    expect(await store.webhooks.create(newWebhook('one-more'))).toBe('full');
    await store.webhooks.delete('w7');
    expect(await store.webhooks.create(newWebhook('one-more'))).toMatchObject({ webhookId: 'one-more' });
    expect(await store.webhooks.list()).toHaveLength(MAX_WEBHOOKS);
  });

  test('are gone when they are deleted', async () => {
    const store = await open();
    await add(store, 'a');
    expect([await store.webhooks.delete('a'), await store.webhooks.delete('a')]).toEqual([true, false]);
    expect(await store.webhooks.list()).toEqual([]);
    expect(await store.webhooks.update('a', (webhook) => webhook)).toBeUndefined();
  });
}

function testChanging({ open, again }: StoreHarness): void {
  test('are known to have changed', async () => {
    const store = await open();
    const other = await again(store);
    const revisions = [await other.webhooks.revision()];
    await add(store, 'a');
    revisions.push(await other.webhooks.revision());
    await store.webhooks.update('a', (webhook) => ({ ...webhook, enabled: false }));
    revisions.push(await other.webhooks.revision());
    await store.webhooks.delete('a');
    revisions.push(await other.webhooks.revision());
    expect(new Set(revisions).size).toBe(4);
  });

  test('keep every change that is made at the same time', async () => {
    const store = await open();
    const other = await again(store);
    await add(store, 'a');
    const change = (webhook: Webhook): Webhook => ({ ...webhook, description: `${webhook.description ?? ''}x` });
    const answers = Array.from({ length: 10 }, (_, index) => (index % 2 ? store : other).webhooks.update('a', change));
    await Promise.all(answers);
    expect(await store.webhooks.get('a')).toMatchObject({ description: 'x'.repeat(10), enabled: true });
  });
}

function testAnnouncing({ open, elapse }: StoreHarness): void {
  test('is a notice from the commit on that makes it', async () => {
    const { store, record, lease } = await begin(await open(), 'a', { input: JSON.stringify('x'.repeat(3000)) });
    const began: StatusChange = { state: { status: 'RUNNING' } };
    const output = JSON.stringify('y'.repeat(3000));
    const ended: StatusChange = { state: { status: 'SUCCEEDED', stopMs: record.startMs + 5, output } };
    const write = writeOf(record, {
      closed: true,
      head: { state: ended.state, events: 1, visits: 1 },
      announcements: [
        { change: began, webhookIds: ['w1'] },
        { change: ended, webhookIds: ['w1', 'w2'] },
      ],
    });
    expect(await store.shards.commit(lease, { consumed: [], writes: [write] })).toBe('noticed');
    const notices = await store.shards.dueNotices(lease, 10);
    const byId = notices.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const execution = record;
    expect(byId).toEqual([
      { id: `${record.executionId}|0.RUNNING`, type: 'changed', execution, change: began, webhookIds: ['w1'] },
      { id: `${record.executionId}|0.SUCCEEDED`, type: 'changed', execution, change: ended, webhookIds: ['w1', 'w2'] },
    ]);
  });

  test('is told as it was, whatever comes after', async () => {
    const { store, record, lease } = await begin(await open(), 'a');
    const state = { status: 'FAILED', stopMs: record.startMs + 5, error: 'Broken', cause: 'a\nb' } as const;
    const change: StatusChange = { state, redrives: { count: 2, lastMs: record.startMs + 3 } };
    const write = writeOf(record, {
      closed: true,
      head: { state, events: 1, visits: 1 },
      announcements: [{ change, webhookIds: ['w1'] }],
    });
    await store.shards.commit(lease, { consumed: [], writes: [write] });
    await store.executions.redrive(record.executionArn, 'token', state.stopMs);
    const told = await store.shards.dueNotices(lease, 10);
    expect(told).toMatchObject([{ id: `${record.executionId}|2.FAILED`, execution: record, change }]);
  });

  test('finds the execution there until it was told, however short that is kept', async () => {
    const { store, record, lease } = await begin(await open({ retentionMs: 1 }), 'a');
    const state = { status: 'FAILED', stopMs: record.startMs, error: 'Broken' } as const;
    const head = { state, events: 1, visits: 1 };
    const announcements = [{ change: { state }, webhookIds: ['w1'] }];
    const write = writeOf(record, { closed: true, head, announcements });
    await store.shards.commit(lease, { consumed: [], writes: [write] });
    await elapse(20);
    expect(await store.shards.expired(lease, 10)).toEqual([]);
    const [notice] = await store.shards.dueNotices(lease, 10);
    await store.shards.removeNotices(lease, [notice?.id ?? '']);
    expect(await store.shards.expired(lease, 10)).toMatchObject([{ executionArn: record.executionArn }]);
  });

  test('does not keep for long what has closed behind those that it keeps', async () => {
    const store = await open({ retentionMs: 1 });
    const names = Array.from({ length: 100 }, (_, index) => `run-${index}`);
    const inShard = names.filter((name) => shardOf(executionId(executionArn(name)), SHARDS) === 0).slice(0, 8);
    for (const name of inShard) {
      const { record, lease } = await begin(store, name);
      const state = { status: 'FAILED', stopMs: record.startMs, error: 'Broken' } as const;
      const announcements = name === inShard.at(-1) ? [] : [{ change: { state }, webhookIds: ['w1'] }];
      const write = writeOf(record, { closed: true, head: { state, events: 1, visits: 1 }, announcements });
      await store.shards.commit(lease, { consumed: [], writes: [write] });
    }
    const last = executionArn(inShard.at(-1) ?? '');
    await elapse(20);
    const lease = await claim(store, 0);
    expect(await store.shards.expired(lease, 2)).toMatchObject([{ executionArn: last }]);
    expect(await store.shards.expired(lease, 10)).toHaveLength(1);
  });
}
