import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../engine/interpreter/effect.ts';
import { executionId } from '../../../engine/store/execution-id.ts';
import type { ExecutionStatus } from '../../../schemas/execution.ts';
import {
  arrivals,
  type Begun,
  begin,
  commit,
  expire,
  MACHINE,
  readAll,
  type StoreHarness,
  succeed,
  writeOf,
} from './fixtures.ts';
import { childOf, failChild, mapRunArn, note, recordOf, startChild, VISIT } from './map-run-fixtures.ts';

export function testMapRunChildren(harness: StoreHarness): void {
  describe('a child of a Map Run', () => testChildren(harness));
  describe('an Express child', () => testExpressChildren(harness));
  describe('a child that goes on', () => testRedrivenChildren(harness));
}

function testChildren({ open, again }: StoreHarness): void {
  test('begins with the commit of its parent, in the same shard', async () => {
    const parent = await begin(await open(), 'a');
    const child = childOf(parent, 0);
    const begun = await startChild(parent, child);
    const record = { ...child, executionId: executionId(child.executionArn), startMs: expect.any(Number) };
    expect(begun.record).toEqual(record);
    expect(begun.record.startMs).toBeGreaterThanOrEqual(parent.record.startMs);
    const { store, shard } = parent;
    expect(await store.executions.describe(child.executionArn)).toEqual({ ...begun.record, status: 'RUNNING' });
    const other = await again(store);
    const loaded = (await other.shards.load(shard, [record.executionId])).get(record.executionId);
    expect(loaded?.record).toEqual(begun.record);
    expect(loaded?.head).toEqual({ state: { status: 'RUNNING' }, events: 0, visits: 0 });
  });

  test('begins once, though the commit be sent twice, and not with one that is refused', async () => {
    const parent = await begin(await open(), 'a');
    const { store, shard, lease, record } = parent;
    const batch = (index: number) => ({
      consumed: [],
      writes: [writeOf(record, { effects: [{ type: 'StartChild' as const, record: childOf(parent, index) }] })],
    });
    const before = { ...lease };
    expect(await store.shards.commit(lease, batch(0))).toBe('committed');
    expect(await store.shards.commit(before, batch(0))).toBe('committed');
    expect(await store.shards.commit({ ...lease, epoch: lease.epoch + 1 }, batch(1))).toBe('lost');
    const started = (await readAll(store, shard)).filter(({ stimulus }) => stimulus.type === 'Started');
    expect(started.map((entry) => entry.record?.name)).toEqual(['a', childOf(parent, 0).name]);
    expect(await store.executions.describe(childOf(parent, 1).executionArn)).toBeUndefined();
  });

  test('tells its parent with its own commit that it has ended: once, though it be sent twice', async () => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 4));
    const { store, lease, record } = child;
    const state = { status: 'SUCCEEDED', stopMs: record.startMs + 7, output: '"done"' } as const;
    const writes = [writeOf(record, { closed: true, head: { state, events: 1, visits: 1 } })];
    const before = { ...lease };
    expect(await store.shards.commit(lease, { consumed: [child.entry.entryId], writes })).toBe('committed');
    expect(await store.shards.commit(before, { consumed: [child.entry.entryId], writes })).toBe('committed');
    const { executionArn: arn, startMs } = record;
    const ending = { executionArn: arn, startMs, ...state };
    expect(await arrivals(parent)).toEqual([{ type: 'ChildEnded', visit: VISIT, index: 4, attempt: 0, ending }]);
    expect(await store.executions.describe(arn)).toEqual({ ...record, ...state });
    expect(await store.executions.history(arn, { start: 0, limit: 9, reverse: false })).toMatchObject({ total: 1 });
  });

  test('tells why it failed, and its input where a ResultWriter wants it', async () => {
    const parent = await begin(await open(), 'a');
    const input = JSON.stringify({ long: 'é'.repeat(2000) });
    const child = await startChild(parent, { ...childOf(parent, 0, { tellsInput: true }), input });
    await failChild(child);
    expect(await arrivals(parent)).toMatchObject([{ ending: { status: 'FAILED', error: 'E', cause: 'why', input } }]);
  });

  test('is asked to stop, and to call again', async () => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 0));
    const { executionArn: arn } = child.record;
    await commit(parent, {
      effects: [
        { type: 'StopChild', executionArn: arn },
        { type: 'Continue', visit: VISIT },
      ],
    });
    expect(await arrivals(child)).toEqual([{ type: 'StopRequested' }]);
    expect(await arrivals(parent)).toEqual([{ type: 'Continued', visit: VISIT }]);
  });

  test('is started and stopped by one commit in that order', async () => {
    const parent = await begin(await open(), 'a');
    const record = childOf(parent, 0);
    const { executionArn: arn } = record;
    const stop = { type: 'StopChild', executionArn: arn } as const;
    await commit(parent, { effects: [{ type: 'StartChild', record }, stop] });
    const entries = await readAll(parent.store, parent.shard);
    const ofChild = entries.filter((entry) => entry.executionId === executionId(arn));
    expect(ofChild.map(({ stimulus }) => stimulus.type)).toEqual(['Started', 'StopRequested']);
  });

  test('begins and ends with the last commit of its parent, too', async () => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 0));
    const state = { status: 'ABORTED', stopMs: parent.record.startMs + 9 } as const;
    const stop = { type: 'StopChild', executionArn: child.record.executionArn } as const;
    const mapRun = recordOf(parent, { status: 'ABORTED', stopMs: state.stopMs });
    await commit(parent, { closed: true, head: { state, events: 2, visits: 1 }, effects: [stop, note(mapRun)] });
    expect(await arrivals(child)).toEqual([{ type: 'StopRequested' }]);
    expect(await parent.store.mapRuns.describe(mapRun.mapRunArn)).toEqual(mapRun);
    expect((await parent.store.executions.describe(parent.record.executionArn))?.status).toBe('ABORTED');
  });
}

function testExpressChildren({ open, elapse }: StoreHarness): void {
  test('that ended well leaves nothing behind once its parent has heard', async () => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 0, { type: 'EXPRESS' }));
    const { store, shard, record } = child;
    await commit(child, { events: ['{"id":1}', '{"id":2}'] }, [child.entry.entryId]);
    expect((await store.shards.load(shard, [record.executionId])).size).toBe(1);
    await succeed(child, '"done"', 2);
    expect(await arrivals(parent)).toMatchObject([
      { type: 'ChildEnded', index: 0, ending: { status: 'SUCCEEDED', output: '"done"' } },
    ]);
    const { executionArn: arn } = record;
    await commit(parent, { effects: [{ type: 'ForgetChild', executionArn: arn }] });
    expect(await store.executions.describe(arn)).toBeUndefined();
    expect(await store.executions.history(arn, { start: 0, limit: 9, reverse: false })).toBeUndefined();
    expect(await store.executions.remains(arn)).toBeUndefined();
    expect((await store.shards.load(shard, [record.executionId])).size).toBe(0);
    for (const list of [mapRunArn(parent), record.stateMachineArn, MACHINE]) {
      const { executions } = await store.executions.list({ list }, { limit: 9 });
      expect(executions.filter(({ name }) => name === record.name)).toEqual([]);
    }
  });

  test('that ended well goes with its parent, should that never have heard', async () => {
    const parent = await begin(await open({ retentionMs: 1 }), 'a');
    await commit(parent, { effects: [note(recordOf(parent))] });
    const child = await startChild(parent, childOf(parent, 0, { type: 'EXPRESS' }));
    await succeed(child);
    await succeed(parent, '"done"', 3);
    await elapse(10);
    expect(await expire(parent.store, parent.lease, 10)).toBe(1);
    expect(await parent.store.executions.describe(child.record.executionArn)).toBeUndefined();
  });

  test('is listed nowhere while it runs, and when it fails', async () => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 0, { type: 'EXPRESS' }));
    const listed = async () =>
      (await parent.store.executions.list({ list: mapRunArn(parent) }, { limit: 9 })).executions;
    expect(await listed()).toEqual([]);
    await failChild(child);
    expect(await listed()).toEqual([]);
  });
}

function testRedrivenChildren({ open }: StoreHarness): void {
  const redrive = (child: Begun, attempt: number): Effect => ({
    type: 'RedriveChild',
    executionArn: child.record.executionArn,
    mapRunArn: child.record.child?.mapRunArn ?? '',
    child: { visit: VISIT, index: 0, attempt },
  });

  test.each(['STANDARD', 'EXPRESS'] as const)('%s: is opened again, and tells of its new attempt', async (type) => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 0, { type }));
    const { store, record } = child;
    await failChild(child);
    await commit(parent, { effects: [redrive(child, 1)] });
    expect(await arrivals(child)).toEqual([{ type: 'Redriven', count: 1 }]);
    expect(await store.executions.describe(record.executionArn)).toMatchObject({
      status: 'RUNNING',
      redrives: { count: 1 },
    });
    const statuses = async (status: ExecutionStatus) =>
      (await store.executions.list({ list: mapRunArn(parent), status }, { limit: 9 })).executions.length;
    const isListed = type === 'STANDARD' ? 1 : 0;
    expect([await statuses('RUNNING'), await statuses('FAILED')]).toEqual([isListed, 0]);
    await failChild(child, 1);
    expect(await arrivals(parent)).toMatchObject([{ attempt: 0 }, { attempt: 1, ending: { status: 'FAILED' } }]);
    expect([await statuses('RUNNING'), await statuses('FAILED')]).toEqual([0, isListed]);
  });

  test('is not when it has not ended: its parent is told so', async () => {
    const parent = await begin(await open(), 'a');
    const child = await startChild(parent, childOf(parent, 0));
    await commit(parent, { effects: [redrive(child, 1)] });
    expect(await arrivals(parent)).toEqual([{ type: 'ChildOpen', visit: VISIT, index: 0, attempt: 1 }]);
    expect(await arrivals(child)).toEqual([]);
  });

  test.each(['STANDARD', 'EXPRESS'] as const)(
    '%s: is not when it ended well: its parent is told again',
    async (type) => {
      const parent = await begin(await open(), 'a');
      const child = await startChild(parent, childOf(parent, 0, { type, tellsInput: true }));
      const { executionArn: arn, input, startMs } = child.record;
      await succeed(child, '"after all"');
      // The parent was asked to stop before: it did not hear of it, and asks the child to stop.
      await commit(parent, { effects: [{ type: 'StopChild', executionArn: arn }] });
      await commit(parent, { effects: [redrive(child, 2)] });
      const ending = {
        executionArn: arn,
        startMs,
        stopMs: startMs + 5,
        status: 'SUCCEEDED',
        output: '"after all"',
        input,
      };
      expect((await arrivals(parent)).at(-1)).toEqual({
        type: 'ChildEnded',
        visit: VISIT,
        index: 0,
        attempt: 2,
        ending,
      });
    },
  );

  test('is not when it is no longer kept', async () => {
    const parent = await begin(await open(), 'a');
    const { executionArn: arn } = childOf(parent, 0);
    const effect = { type: 'RedriveChild', executionArn: arn, mapRunArn: mapRunArn(parent) } as const;
    await commit(parent, { effects: [{ ...effect, child: { visit: VISIT, index: 0, attempt: 1 } }] });
    expect(await arrivals(parent)).toMatchObject([{ type: 'ChildEnded', attempt: 1, ending: { status: 'FAILED' } }]);
  });
}
