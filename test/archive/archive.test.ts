import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { listArchived } from '../../engine/archive/archive.ts';
import { executionKey } from '../../engine/archive/archive-key.ts';
import { StoreUnavailable } from '../../engine/store/store.ts';
import {
  begin,
  commit,
  executionArn,
  expire,
  MACHINE,
  newRecord,
  request,
  succeed,
} from '../contracts/store/fixtures.ts';
import { mapRunArn, note, recordOf } from '../contracts/store/map-run-fixtures.ts';
import { Archived, machine, PAGE } from './support.ts';

const eventsOf = (count: number, length = 10): string[] =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ id: index + 1, text: 'ä\n'.repeat(length) }));

describe('an archived execution', () => {
  test('is told as before by all who read', async () => {
    const archived = new Archived();
    const definition = '{"StartAt":"A"}';
    await archived.store.registry.createMachine({ ...machine, revisionId: 'r-1', definition, configuration: '{}' });
    const begun = await begin(archived.store, 'a', { revisionId: 'r-1', traceHeader: 'Root=1' });
    await commit(begun, { effects: [note(recordOf(begun, { status: 'SUCCEEDED' }))], events: eventsOf(3) });
    const output = JSON.stringify('y'.repeat(3000));
    const head = {
      state: { status: 'SUCCEEDED', stopMs: begun.record.startMs, output } as const,
      events: 4,
      visits: 1,
    };
    await commit(begun, { closed: true, head, events: ['{"id":4}'] });
    const before = await archived.told(begun);
    const mapRun = await archived.store.mapRuns.describe(mapRunArn(begun));
    expect(mapRun).toBeDefined();
    const standing = await archived.store.executions.standing(begun.record.executionArn);
    expect(standing).toBeDefined();
    await archived.move(begun);
    expect(await archived.told(begun)).toEqual({ description: undefined, history: undefined, mapRuns: [] });
    expect(await archived.told(begun, archived.readable)).toEqual(before);
    expect(await archived.readable.mapRuns.describe(mapRunArn(begun))).toEqual(mapRun);
    const { executionArn: arn } = begun.record;
    expect(await archived.readable.executions.remains(arn)).toMatchObject({
      archived: true,
      frames: false,
      historyEvents: 4,
    });
    expect(await archived.readable.executions.standing(arn)).toEqual(standing);
    expect(await archived.readable.executions.stop(arn, {})).toEqual({
      outcome: 'closed',
      stopMs: begun.record.startMs,
    });
  });

  test('brings its definition along', async () => {
    const archived = new Archived();
    const created = { ...machine, revisionId: 'r-1', definition: '{"StartAt":"A"}', configuration: '{}' };
    await archived.store.registry.createMachine(created);
    const begun = await archived.closed('a', eventsOf(1), { revisionId: 'r-1' });
    await archived.move(begun);
    const elsewhere = new Archived();
    for (const [at, bytes] of archived.objects.objects) elsewhere.objects.objects.set(at, bytes);
    expect(await elsewhere.readable.executions.describe(begun.record.executionArn)).toBeDefined();
    expect(await elsewhere.readable.registry.revision('r-1')).toMatchObject(created);
    expect(await elsewhere.readable.registry.revision('r-2')).toBeUndefined();
  });

  test('that failed tells its error', async () => {
    const archived = new Archived();
    const begun = await archived.closed('a', eventsOf(1), {}, { status: 'FAILED', error: 'E', cause: 'why' });
    const before = await archived.told(begun);
    await archived.move(begun);
    expect(await archived.told(begun, archived.readable)).toEqual(before);
  });

  test('gives its name free; the store comes first, and the archive has the later of two', async () => {
    const archived = new Archived();
    const { store, readable } = archived;
    const first = await archived.closed('a', ['{"id":1,"of":"first"}']);
    await archived.move(first);
    const arn = first.record.executionArn;
    expect(await readable.executions.history(arn, PAGE)).toEqual({ events: ['{"id":1,"of":"first"}'], total: 1 });
    expect(await store.executions.start(newRecord('a'), request())).toMatchObject({ outcome: 'started' });
    expect(await readable.executions.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await commit(first, {
      closed: true,
      head: { state: { status: 'ABORTED', stopMs: first.record.startMs + 1 }, events: 1, visits: 1 },
      events: ['{"id":1,"of":"second"}'],
    });
    await archived.move(first);
    expect(await readable.executions.history(arn, PAGE)).toEqual({ events: ['{"id":1,"of":"second"}'], total: 1 });
  });

  test('is the same file when it is written again, and one that anybody can read', async () => {
    const archived = new Archived();
    const begun = await archived.closed('a', eventsOf(2000, 200));
    const expired = await archived.store.shards.expired(begun.lease, 1);
    const key = `b/p/${executionKey(begun.record.executionArn)}`;
    const write = async () => {
      for (const one of expired) await archived.archive.keep(one);
      return Buffer.from(archived.objects.objects.get(key) ?? '');
    };
    const first = await write();
    expect((await write()).equals(first)).toBe(true);
    const lines = gunzipSync(first).toString().trimEnd().split('\n');
    expect(lines.slice(2, -1)).toEqual(eventsOf(2000, 200));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ format: 1, execution: { name: 'a' }, events: 2000 });
  });

  test('is not written when it is open again, and nothing is of what is gone', async () => {
    const archived = new Archived();
    const begun = await archived.closed('a', eventsOf(1));
    const { executionId, executionArn: arn } = begun.record;
    const stopMs = begun.record.startMs;
    await archived.archive.keep({ executionId, executionArn: arn, stopMs: stopMs + 1 });
    await archived.archive.keep({ executionId, executionArn: executionArn('other'), stopMs });
    await archived.archive.keep({ executionId, stopMs });
    expect([...archived.objects.objects.keys()]).toEqual([]);
  });

  test.each(['removed', 'removed and started anew'] as const)(
    'stays as it is when another engine is behind, and finds it %s',
    async (what) => {
      const archived = new Archived();
      const { store } = archived;
      const begun = await archived.closed('a', eventsOf(3));
      const before = await archived.told(begun);
      const [expired] = await store.shards.expired(begun.lease, 1);
      const history = store.executions.history.bind(store.executions);
      store.executions.history = async (...asked) => {
        store.executions.history = history;
        await archived.move(begun);
        if (what === 'removed and started anew') await begin(store, 'a');
        return history(...asked);
      };
      if (expired) await archived.archive.keep(expired);
      const later = new Archived();
      for (const [at, bytes] of archived.objects.objects) later.objects.objects.set(at, bytes);
      expect(await later.told(begun, later.readable)).toEqual(before);
    },
  );
});

describe('a page of its history', () => {
  test('is what the store would tell, wherever it begins and in both directions', async () => {
    const archived = new Archived();
    const begun = await archived.closed('a', eventsOf(300, 2000));
    const arn = begun.record.executionArn;
    const kept = new Archived();
    await kept.closed('a', eventsOf(300, 2000));
    await archived.move(begun);
    const page = fc.record({ start: fc.nat(310), limit: fc.integer({ min: 1, max: 320 }), reverse: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(page, async (wanted) => {
        expect(await archived.readable.executions.history(arn, wanted)).toEqual(
          await kept.store.executions.history(arn, wanted),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('is read alone: not what is before it, nor the whole again', async () => {
    const archived = new Archived();
    // Nothing that compresses well.
    const random = fc.sample(fc.string({ minLength: 3000, maxLength: 3000 }), { numRuns: 500, seed: 1 });
    const begun = await archived.closed(
      'a',
      random.map((text, id) => JSON.stringify({ id: id + 1, text })),
    );
    await archived.move(begun);
    const size = archived.objects.objects.get(`b/p/${executionKey(begun.record.executionArn)}`)?.length ?? 0;
    expect(size).toBeGreaterThan(600_000);
    const read = async (start: number) => {
      archived.objects.gets.length = 0;
      await archived.readable.executions.history(begun.record.executionArn, { start, limit: 10, reverse: false });
      return archived.objects.gets.reduce((sum, { from = 0, to = size }) => sum + to - from, 0);
    };
    await read(0);
    expect(await read(250)).toBeLessThan(size / 2);
    expect(archived.objects.gets).toHaveLength(1);
  });
});

describe('what is not there', () => {
  test('costs one lookup for a while', async () => {
    const { readable, objects } = new Archived();
    const arn = executionArn('none');
    const ask = () => readable.executions.describe(arn);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([undefined, undefined, undefined]);
    expect(await readable.executions.history(arn, PAGE)).toBeUndefined();
    expect(objects.gets).toHaveLength(1);
  });

  test('is told from a storage that is away, or holds something else', async () => {
    const archived = new Archived();
    const arn = executionArn('a');
    archived.objects.objects.set(`b/p/${executionKey(arn)}`, Buffer.from('something else'));
    await expect(archived.readable.executions.describe(arn)).rejects.toThrow(StoreUnavailable);
    archived.objects.get = () => Promise.reject(new Error('no route'));
    await expect(archived.readable.executions.describe(executionArn('b'))).rejects.toThrow(
      'The archive cannot be read: no route',
    );
  });
});

describe('a storage that does not answer', () => {
  test('is not waited for longer than ten seconds', async () => {
    vi.useFakeTimers();
    const archived = new Archived();
    archived.objects.get = () => new Promise(() => {});
    const asked = expect(archived.readable.executions.describe(executionArn('a'))).rejects.toThrow(
      'The archive cannot be read: no answer within 10 s',
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await asked;
    vi.useRealTimers();
  });
});

describe('the archived executions of a machine', () => {
  test('are listed by name, page by page, and no others', async () => {
    const archived = new Archived();
    for (const name of ['c', 'a', 'B', 'ü', 'd']) await archived.move(await archived.closed(name, eventsOf(1)));
    const { store } = archived;
    const other = await begin(store, 'e', { stateMachineArn: `${MACHINE}-2` });
    await succeed(other);
    for (const one of await store.shards.expired(other.lease, 9)) await archived.archive.keep(one);
    await expire(store, other.lease, 9);
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await listArchived(archived.place, MACHINE, { limit: 2, ...(after !== undefined && { after }) });
      names.push(...page.executions.map(({ name }) => name));
      ({ after } = page);
    } while (after !== undefined);
    expect(names).toEqual(['ü', 'B', 'a', 'c', 'd']);
  });
});
