import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../engine/interpreter/effect.ts';
import type { ExecutionStatus } from '../../../schemas/execution.ts';
import { NO_TALLY } from '../../../schemas/map-run.ts';
import {
  arrivals,
  type Begun,
  begin,
  commit,
  executionArn,
  expire,
  MACHINE,
  type StoreHarness,
  succeed,
} from './fixtures.ts';
import {
  childOf,
  failChild,
  mapRunArn,
  note,
  recordOf,
  resultsOf,
  startChild,
  startChildren,
  VISIT,
} from './map-run-fixtures.ts';

/** Map Runs: their records, results and lists. What becomes of a child is in `map-run-children.ts`. */
export function testMapRuns(harness: StoreHarness): void {
  describe('the children of a Map Run', () => testListing(harness));
  describe('a Map Run', () => testRecords(harness));
  describe('results', () => testResults(harness));
  describe('retention', () => testRetention(harness));
}

function testListing({ open, elapse }: StoreHarness): void {
  test('are listed under it by status, not under the machine', async () => {
    const parent = await begin(await open(), 'a');
    const children = await startChildren(
      parent,
      [0, 1, 2, 3].map((index) => childOf(parent, index)),
    );
    for (const child of children.slice(0, 2)) await succeed(child);
    for (const child of children.slice(2, 3)) await failChild(child);
    const { executions } = parent.store;
    const names = async (list: string, status?: ExecutionStatus) =>
      (await executions.list({ list, ...(status && { status }) }, { limit: 9 })).executions.map(({ name }) => name);
    const [zero = '', one = '', two = '', three = ''] = children.map(({ record }) => record.name);
    const list = mapRunArn(parent);
    expect((await names(list)).toSorted()).toEqual([zero, one, two, three].toSorted());
    expect((await names(list, 'SUCCEEDED')).toSorted()).toEqual([zero, one].toSorted());
    expect([await names(list, 'FAILED'), await names(list, 'RUNNING')]).toEqual([[two], [three]]);
    expect(await names(MACHINE)).toEqual(['a']);
    expect(await names(`${MACHINE}/each`)).toEqual([]);
    expect(await names(mapRunArn(parent, 1))).toEqual([]);
    expect(await executions.countOpen(MACHINE)).toBe(1);
  });

  test('keep their places in the list when they end between two pages', async () => {
    const parent = await begin(await open(), 'a');
    const children: Begun[] = [];
    for (const index of [0, 1, 2]) {
      await elapse(2);
      children.push(...(await startChildren(parent, [{ ...childOf(parent, index), startMs: parent.record.startMs }])));
    }
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await parent.store.executions.list(
        { list: mapRunArn(parent) },
        { limit: 1, ...(cursor !== undefined && { cursor }) },
      );
      names.push(...page.executions.map(({ name }) => name));
      cursor = page.cursor;
      for (const child of children.splice(0)) await succeed(child);
    } while (cursor !== undefined);
    expect(names).toEqual([2, 1, 0].map((index) => childOf(parent, index).name));
  });
}

function testRecords({ open, again }: StoreHarness): void {
  test('is as it was told last', async () => {
    const parent = await begin(await open(), 'a');
    const other = await again(parent.store);
    expect(await other.mapRuns.describe(mapRunArn(parent))).toBeUndefined();
    const [first, second] = [recordOf(parent), recordOf(parent, { status: 'SUCCEEDED', stopMs: 5 })];
    await commit(parent, { effects: [note(recordOf(parent, { visit: 99 })), note(first)] });
    expect(await other.mapRuns.describe(first.mapRunArn)).toEqual(first);
    await commit(parent, { effects: [note(second)] });
    expect(await other.mapRuns.describe(first.mapRunArn)).toEqual(second);
  });

  test('is listed with its execution, the newest first', async () => {
    const parent = await begin(await open(), 'a');
    const records = [0, 1, 2].map((number) => recordOf(parent, {}, number));
    for (const mapRun of records) await commit(parent, { effects: [note(mapRun)] });
    const { mapRuns } = parent.store;
    expect(await mapRuns.list(parent.record.executionArn)).toEqual(records.toReversed());
    expect(await mapRuns.list(executionArn('other'))).toEqual([]);
  });

  test('is updated while it runs', async () => {
    const parent = await begin(await open(), 'a');
    const { mapRuns } = parent.store;
    const thresholds = { maxConcurrency: 3, toleratedFailurePercentage: 2.5 };
    expect(await mapRuns.update(mapRunArn(parent), thresholds)).toBe('unknown');
    expect(await mapRuns.update('arn:aws:states:us-east-1:000000000000:mapRun:a/b:c', thresholds)).toBe('unknown');
    await commit(parent, { effects: [note(recordOf(parent))] });
    expect(await mapRuns.update(mapRunArn(parent), thresholds)).toBe('accepted');
    expect(await arrivals(parent)).toEqual([{ type: 'MapRunUpdated', visit: VISIT, thresholds }]);
    await commit(parent, { effects: [note(recordOf(parent, { status: 'FAILED', stopMs: 5 }))] });
    expect(await mapRuns.update(mapRunArn(parent), thresholds)).toBe('closed');
    expect(await arrivals(parent)).toHaveLength(1);
  });
}

function testResults({ open }: StoreHarness): void {
  test('are kept by index and read in order, however many there are', async () => {
    const parent = await begin(await open(), 'a');
    const total = 451;
    const tally = { ...NO_TALLY, pending: 0, total, resultsWritten: 0, pendingRedrive: 0 };
    await commit(parent, { effects: [note(recordOf(parent, { executions: tally }))] });
    const row = (index: number) => JSON.stringify({ index, text: 'é'.repeat(index % 5 === 0 ? 600 : 1) });
    const indexes = Array.from({ length: total }, (_, index) => (index * 100) % total).filter((index) => index !== 7);
    const keep = (index: number): Effect => ({
      type: 'KeepResult',
      mapRunArn: mapRunArn(parent),
      index,
      row: row(index),
    });
    await commit(parent, { effects: indexes.slice(0, 300).map(keep) });
    await commit(parent, { effects: indexes.slice(299).map(keep) });
    const rows = await resultsOf(parent);
    expect(rows).toEqual(indexes.toSorted((a, b) => a - b).map(row));
    expect(await resultsOf(parent, 1)).toEqual([]);
  });
}

function testRetention({ open, elapse }: StoreHarness): void {
  const keep = (parent: Begun): Effect => ({ type: 'KeepResult', mapRunArn: mapRunArn(parent), index: 0, row: '{}' });
  const tally = { ...NO_TALLY, pending: 0, total: 1, resultsWritten: 0, pendingRedrive: 0 };

  test('takes Map Runs and results with their execution, and children not before it has closed', async () => {
    const parent = await begin(await open({ retentionMs: 1000 }), 'a');
    const { store, lease } = parent;
    const child = await startChild(parent, childOf(parent, 0));
    await commit(parent, { effects: [note(recordOf(parent, { executions: tally })), keep(parent)] });
    await succeed(child);
    await elapse(1010);
    expect(await expire(store, lease, 9)).toBe(0);
    expect(await expire(store, lease, 9)).toBe(0);
    expect(await store.executions.describe(child.record.executionArn)).toBeDefined();
    await succeed(parent, '1', 2);
    expect(await expire(store, lease, 9)).toBe(2);
    expect(await store.executions.describe(child.record.executionArn)).toBeUndefined();
    expect((await store.executions.list({ list: mapRunArn(parent) }, { limit: 9 })).executions).toEqual([]);
    expect(await store.mapRuns.describe(mapRunArn(parent))).toBeUndefined();
    expect(await store.mapRuns.list(parent.record.executionArn)).toEqual([]);
    expect(await resultsOf(parent)).toEqual([]);
  });

  test('leaves those of an execution that was redriven', async () => {
    const parent = await begin(await open({ retentionMs: 1000 }), 'a');
    const { store, lease, record } = parent;
    await commit(parent, { effects: [note(recordOf(parent, { executions: tally })), keep(parent)] });
    const state = { status: 'FAILED', stopMs: record.startMs + 5 } as const;
    await commit(parent, { closed: true, head: { state, events: 2, visits: 1 } });
    await store.executions.redrive(record.executionArn, 'token', state.stopMs);
    await elapse(1010);
    expect(await expire(store, lease, 9)).toBe(0);
    expect(await store.mapRuns.describe(mapRunArn(parent))).toMatchObject({ status: 'RUNNING' });
    expect(await store.mapRuns.list(record.executionArn)).toHaveLength(1);
    expect(await resultsOf(parent)).toEqual(['{}']);
  });
}
