import { describe, expect, test } from 'vitest';
import { shardOf } from '../../../engine/store/execution-id.ts';
import type { Notice } from '../../../engine/store/store.ts';
import { formatWaiter } from '../../../schemas/task.ts';
import {
  arrivals,
  type Begun,
  begin,
  beginTask,
  claim,
  commit,
  executionArn,
  NONCE,
  newRecord,
  request,
  SHARDS,
  type StoreHarness,
  succeed,
  tokenOf,
  writeOf,
} from './fixtures.ts';

const WAITER = formatWaiter(`${'p'.repeat(22)}.3.${NONCE}`, true);
const OTHER = formatWaiter(`${'q'.repeat(22)}.4.${NONCE}`, false);
const CHILD = executionArn('child');
const result = { type: 'succeeded', output: '{"paid":true}' } as const;

const noticesOf = ({ store, lease }: Begun): Promise<readonly Notice[]> => store.shards.dueNotices(lease, 10);

/** Begins an execution whose end a task waits for. */
async function beginAwaited(begun: Begun): Promise<Begun> {
  const { store, record } = begun;
  expect(await store.executions.start(record, request(), WAITER)).toMatchObject({ outcome: 'same' });
  return begun;
}

const failedAt = (begun: Begun) => ({
  state: { status: 'FAILED' as const, stopMs: begun.record.startMs + 7, error: 'Broken' },
  events: 1,
  visits: 1,
});

export function testNotices(harness: StoreHarness): void {
  describe('who waits for an execution', () => {
    testWaiting(harness);
    testSending(harness);
  });
  describe('a task that is submitted', () => {
    testSubmitting(harness);
    testTakingBack(harness);
  });
}

function testWaiting({ open, elapse }: StoreHarness): void {
  test('finds it there until it was told, however short it is kept', async () => {
    const begun = await beginAwaited(await begin(await open({ retentionMs: 1 }), 'a'));
    const { store, lease, record } = begun;
    const write = writeOf(record, { closed: true, head: failedAt(begun) });
    expect(await store.shards.commit(lease, { consumed: [], writes: [write] })).toBe('noticed');
    await elapse(20);
    expect(await store.shards.expired(lease, 10)).toEqual([]);
    expect(await store.executions.describe(record.executionArn)).toBeDefined();
    const [notice] = await noticesOf(begun);
    await store.shards.removeNotices(lease, [notice?.id ?? '']);
    const { executionId, executionArn } = record;
    const expired = [{ executionId, executionArn, stopMs: failedAt(begun).state.stopMs }];
    expect(await store.shards.expired(lease, 10)).toEqual(expired);
    expect(await store.shards.expire(lease, expired)).toBe(1);
    expect(await store.shards.expire(lease, expired)).toBe(0);
  });

  test('is told how it ended, with the commit that ends it', async () => {
    const store = await open();
    const record = newRecord('a', { input: JSON.stringify('x'.repeat(3000)) });
    const { startMs } = await store.executions.start(record, request(), WAITER);
    const shard = shardOf(record.executionId, SHARDS);
    const lease = await claim(store, shard);
    const state = { status: 'SUCCEEDED', stopMs: startMs + 5, output: JSON.stringify('y'.repeat(3000)) } as const;
    const write = writeOf({ ...record, startMs }, { closed: true, head: { state, events: 1, visits: 1 } });
    expect(await store.shards.dueNotices(lease, 10)).toEqual([]);
    expect(await store.shards.commit(lease, { consumed: [], writes: [write] })).toBe('noticed');
    const id = `${record.executionId}|${startMs + 5}`;
    expect(await store.shards.dueNotices(lease, 10)).toEqual([
      { id, type: 'ended', waiters: [WAITER], execution: { ...record, startMs, ...state } },
    ]);
  });

  test('may come when it runs, and is told with the others', async () => {
    const begun = await beginAwaited(await begin(await open(), 'a'));
    const { store, record, lease } = begun;
    await store.executions.start(record, request(), OTHER);
    await store.executions.start(record, request(), WAITER);
    const write = writeOf(record, { closed: true, head: failedAt(begun) });
    expect(await store.shards.commit(lease, { consumed: [], writes: [write] })).toBe('noticed');
    expect(await noticesOf(begun)).toMatchObject([
      { waiters: [WAITER, OTHER], execution: { status: 'FAILED', error: 'Broken' } },
    ]);
  });

  test('knows its execution again, however it stands', async () => {
    const begun = await beginAwaited(await begin(await open(), 'a'));
    const { store, record, lease } = begun;
    const write = writeOf(record, { closed: true, head: failedAt(begun) });
    await store.shards.commit(lease, { consumed: [], writes: [write] });
    const { startMs } = record;
    expect(await store.executions.start(record, request(), WAITER)).toEqual({ outcome: 'started', startMs });
    expect(await store.executions.start(record, request(), OTHER)).toEqual({ outcome: 'exists', startMs });
    expect(await store.executions.start(record, request())).toEqual({ outcome: 'exists', startMs });
  });

  test('is nobody when nobody asked', async () => {
    const begun = await begin(await open(), 'a');
    await succeed(begun);
    expect(await noticesOf(begun)).toEqual([]);
  });
}

function testSending({ open, elapse, again }: StoreHarness): void {
  const ended = async (): Promise<Begun> => {
    const begun = await beginAwaited(await begin(await open(), 'a'));
    const write = writeOf(begun.record, { closed: true, head: failedAt(begun) });
    await begun.store.shards.commit(begun.lease, { consumed: [], writes: [write] });
    return begun;
  };

  test('is told again after a while, by whoever owns the shard then, unless it has heard', async () => {
    const begun = await ended();
    const [deaf, heard] = [await noticesOf(begun), await noticesOf(begun)];
    expect([deaf.length, heard.length]).toEqual([1, 0]);
    await elapse(5_000);
    const told = await noticesOf({ ...begun, store: await again(begun.store) });
    expect(told).toEqual(deaf);
    const ids = told.map(({ id }) => id);
    await begun.store.shards.removeNotices(begun.lease, ids);
    await begun.store.shards.removeNotices(begun.lease, ids);
    expect(await noticesOf(begun)).toEqual([]);
  });

  test('is asked for, unless it is known to have heard of the start', async () => {
    const store = await open();
    const [record, other] = [newRecord('a'), newRecord('b')];
    for (const each of [record, other]) await store.executions.start(each, request(), WAITER);
    await store.executions.startHeard(other.executionArn);
    await elapse(5_000);
    const shards = [...new Set([record, other].map((each) => shardOf(each.executionId, SHARDS)))];
    const due = shards.map(async (shard) => store.shards.dueNotices(await claim(store, shard), 10));
    const id = `${record.executionId}|w`;
    expect((await Promise.all(due)).flat()).toEqual([
      { id, type: 'started', executionArn: record.executionArn, waiter: WAITER },
    ]);
  });

  test('is not asked for any more when it is told of the end', async () => {
    const store = await open();
    const record = newRecord('a');
    const { startMs } = await store.executions.start(record, request(), WAITER);
    const lease = await claim(store, shardOf(record.executionId, SHARDS));
    const state = { status: 'SUCCEEDED', stopMs: startMs, output: '1' } as const;
    const write = writeOf({ ...record, startMs }, { closed: true, head: { state, events: 1, visits: 1 } });
    await store.shards.commit(lease, { consumed: [], writes: [write] });
    await elapse(5_000);
    expect(await store.shards.dueNotices(lease, 10)).toMatchObject([{ type: 'ended' }]);
  });

  test('hears of the end that came before a redrive', async () => {
    const begun = await ended();
    const { store, record } = begun;
    await store.executions.redrive(record.executionArn, 'token', record.startMs + 7);
    expect(await noticesOf(begun)).toMatchObject([{ execution: { status: 'FAILED', stopMs: record.startMs + 7 } }]);
  });
}

function testSubmitting({ open }: StoreHarness): void {
  test('tells its shard, as often as it is told', async () => {
    const begun = await beginTask(await open(), 'a');
    const { executions } = begun.store;
    expect(await executions.submissionOf(tokenOf(begun))).toBe('open');
    expect(await executions.submitTask(tokenOf(begun), { output: '{"a":1}', childArn: CHILD })).toBe('accepted');
    expect(await executions.submitTask(tokenOf(begun), { output: '{"a":1}', childArn: CHILD })).toBe('accepted');
    expect(await executions.submissionOf(tokenOf(begun))).toBe('submitted');
    const told = { type: 'TaskSubmitted', visit: 1, output: '{"a":1}' };
    expect(await arrivals(begun)).toEqual([told, told]);
  });

  test('is refused as a result would be', async () => {
    const begun = await beginTask(await open(), 'a');
    const { executions } = begun.store;
    const submission = { output: '1', childArn: CHILD };
    expect(await executions.submitTask(tokenOf(begun, 1, NONCE.replace('1', '2')), submission)).toBe('unknown');
    expect(await executions.submitTask(tokenOf(begun, 7), submission)).toBe('unknown');
    await executions.settleTask(tokenOf(begun), result, request());
    expect(await executions.submitTask(tokenOf(begun), submission)).toBe('closed');
    expect(await executions.submissionOf(tokenOf(begun))).toBe('closed');
    expect(await noticesOf(begun)).toEqual([]);
  });

  test('hears of an end that overtakes the submission after it', async () => {
    const begun = await beginTask(await open(), 'a');
    const { executions } = begun.store;
    expect(await executions.settleTask(tokenOf(begun), result, request(), 'submitted')).toBe('accepted');
    expect(await arrivals(begun)).toEqual([]);
    expect(await executions.settleTask(tokenOf(begun), result, request(), 'submitted')).toBe('closed');
    expect(await executions.settleTask(tokenOf(begun), { type: 'failed' }, request())).toBe('closed');
    expect(await executions.submitTask(tokenOf(begun), { output: '1', childArn: CHILD })).toBe('accepted');
    expect(await arrivals(begun)).toEqual([
      { type: 'TaskSubmitted', visit: 1, output: '1' },
      { type: 'TaskSettled', visit: 1, result },
    ]);
    expect(await executions.submitTask(tokenOf(begun), { output: '1', childArn: CHILD })).toBe('closed');
  });

  test('is settled at once by the end that comes after', async () => {
    const begun = await beginTask(await open(), 'a');
    const { executions } = begun.store;
    await executions.submitTask(tokenOf(begun), { output: '1', childArn: CHILD });
    expect(await executions.settleTask(tokenOf(begun), result, request(), 'submitted')).toBe('accepted');
    expect(await arrivals(begun)).toHaveLength(2);
    expect(await executions.settleTask(tokenOf(begun), result, request(), 'submitted')).toBe('closed');
    expect(await noticesOf(begun)).toEqual([]);
  });
}

function testTakingBack({ open, elapse }: StoreHarness): void {
  const submitted = async (): Promise<Begun> => {
    const begun = await beginTask(await open(), 'a', { timeout: 1000 });
    await begun.store.executions.submitTask(tokenOf(begun), { output: '1', childArn: CHILD });
    return begun;
  };
  const stop = { type: 'stop', executionArn: CHILD };

  test('has what it started stopped when it is taken back', async () => {
    const begun = await submitted();
    const write = writeOf(begun.record, { effects: [{ type: 'CloseTask', visit: 1 }] });
    expect(await begun.store.shards.commit(begun.lease, { consumed: [], writes: [write] })).toBe('noticed');
    expect(await noticesOf(begun)).toMatchObject([stop]);
    expect(await begun.store.executions.submitTask(tokenOf(begun), { output: '1', childArn: CHILD })).toBe('closed');
  });

  test('has what it started stopped when its execution ends', async () => {
    const begun = await submitted();
    const head = { ...failedAt(begun), events: 5 };
    const write = writeOf(begun.record, { closed: true, head });
    expect(await begun.store.shards.commit(begun.lease, { consumed: [], writes: [write] })).toBe('noticed');
    expect(await noticesOf(begun)).toMatchObject([stop]);
  });

  test('has what it started stopped when it times out', async () => {
    const begun = await submitted();
    await elapse(1000);
    await begun.store.shards.fireTimers(begun.lease, 10);
    expect(await noticesOf(begun)).toMatchObject([stop]);
  });

  test('leaves what it started alone when it has a result', async () => {
    const begun = await submitted();
    await begun.store.executions.settleTask(tokenOf(begun), { type: 'failed' }, request());
    await commit(begun, { closed: true, head: { ...failedAt(begun), events: 5 } });
    expect(await noticesOf(begun)).toEqual([]);
  });

  test('forgets a result that came too early', async () => {
    const begun = await beginTask(await open(), 'a');
    const { executions } = begun.store;
    await executions.settleTask(tokenOf(begun), result, request(), 'submitted');
    await commit(begun, { closed: true, head: { ...failedAt(begun), events: 5 } });
    expect(await executions.submitTask(tokenOf(begun), { output: '1', childArn: CHILD })).toBe('closed');
    expect(await arrivals(begun)).toEqual([]);
  });
}
