import { describe, expect, test } from 'vitest';
import type { Stimulus } from '../../../engine/interpreter/stimulus.ts';
import { executionId, shardOf } from '../../../engine/store/execution-id.ts';
import { ENGINE_LEVEL, type Lease, type Store } from '../../../engine/store/store.ts';
import {
  arrivals,
  begin,
  beginTask,
  claim,
  commit,
  executionArn,
  LEASE_MS,
  newRecord,
  readAll,
  request,
  SHARDS,
  type StoreHarness,
  succeed,
  tokenOf,
  writeOf,
} from './fixtures.ts';

export function testOwning({ open, again, elapse }: StoreHarness): void {
  describe('a lease', () => {
    test('belongs to one engine until it ends, and its epoch grows', async () => {
      const store = await open();
      const other = await again(store);
      const first = await claim(store, 0, 'engine-1', 300);
      expect(first).toEqual({ shard: 0, owner: 'engine-1', epoch: 1, sequence: 0 });
      expect(await other.shards.claim(0, 'engine-2', LEASE_MS)).toBeUndefined();
      expect((await claim(store, 0, 'engine-1', 300)).epoch).toBe(2);
      await elapse(350);
      expect((await claim(other, 0, 'engine-2')).epoch).toBe(3);
      expect(await store.shards.claim(0, 'engine-1', LEASE_MS)).toBeUndefined();
    });

    test('lasts while it is renewed, and those that are not ours are not', async () => {
      const store = await open();
      const other = await again(store);
      const mine = await claim(store, 0, 'engine-1', 60);
      const stale = await claim(store, 1, 'engine-1', 0);
      await elapse(5);
      await claim(other, 1, 'engine-2');
      expect(await store.shards.renew([mine, stale], LEASE_MS)).toEqual([mine]);
      await elapse(80);
      expect(await other.shards.claim(0, 'engine-2', LEASE_MS)).toBeUndefined();
      expect(await store.shards.renew([], LEASE_MS)).toEqual([]);
    });

    test('is free at once when it is given up, and writes nothing after', async () => {
      const begun = await begin(await open(), 'a');
      const { store, lease, shard } = begun;
      await store.shards.release(lease);
      await store.shards.release(lease);
      expect(await store.shards.commit(lease, { consumed: [], writes: [writeOf(begun.record)] })).toBe('lost');
      expect(await (await again(store)).shards.claim(shard, 'engine-2', LEASE_MS)).toBeDefined();
      await store.shards.release(lease);
      expect(await store.shards.claim(shard, 'engine-1', LEASE_MS)).toBeUndefined();
    });

    test('there are as many as shards', async () => {
      const store = await open();
      expect(store.shards.count).toBe(SHARDS);
      await expect(store.shards.claim(SHARDS, 'engine-1', LEASE_MS)).rejects.toThrow('There is no shard 4');
    });
  });

  test('engines hear of each other until they withdraw or fall silent', async () => {
    const store = await open();
    expect(await store.shards.announce('a', LEASE_MS)).toEqual(['a']);
    expect((await store.shards.announce('b', 40)).toSorted()).toEqual(['a', 'b']);
    await elapse(60);
    expect(await store.shards.announce('a', LEASE_MS)).toEqual(['a']);
    await store.shards.withdraw('a');
    expect(await store.shards.announce('c', LEASE_MS)).toEqual(['c']);
    expect(await store.registry.oldestEngine()).toBe(ENGINE_LEVEL);
  });

  describe('read', () => {
    const startIn = async (store: Store, shard: number, index: number) => {
      for (let attempt = 0; ; attempt += 1) {
        const record = newRecord(`s${shard}-${index}-${attempt}`);
        if (shardOf(record.executionId, SHARDS) !== shard) continue;
        await store.executions.start(record, request());
        return record.executionId;
      }
    };

    test('gives what came after the cursor of each shard, in order', async () => {
      const store = await open();
      const zero = [await startIn(store, 0, 0), await startIn(store, 0, 1)];
      const one = await startIn(store, 1, 0);
      const entries = await store.shards.read(
        new Map([
          [0, '0'],
          [1, '0'],
        ]),
        0,
      );
      expect(entries.filter(({ shard }) => shard === 0).map((entry) => entry.executionId)).toEqual(zero);
      expect(entries.filter(({ shard }) => shard === 1).map((entry) => entry.executionId)).toEqual([one]);
      const [first] = entries.filter(({ shard }) => shard === 0);
      const rest = await store.shards.read(new Map([[0, first?.entryId ?? '']]), 0);
      expect(rest.map((entry) => entry.executionId)).toEqual(zero.slice(1));
    });

    test('waits for the first arrival in any of them', async () => {
      const store = await open();
      const reading = store.shards.read(
        new Map([
          [2, '0'],
          [3, '0'],
        ]),
        5_000,
      );
      const id = await startIn(await again(store), 3, 0);
      expect((await reading).map((entry) => [entry.shard, entry.executionId])).toEqual([[3, id]]);
    });

    test('gives up after its time', async () => {
      const store = await open();
      expect(await store.shards.read(new Map([[0, '0']]), 0)).toEqual([]);
      const reading = store.shards.read(new Map([[0, '0']]), 20);
      await elapse(30);
      expect(await reading).toEqual([]);
      const idle = store.shards.read(new Map(), 20);
      await elapse(30);
      expect(await idle).toEqual([]);
    });

    test('ends when the store does', async () => {
      const store = await again(await open());
      const reading = store.shards.read(new Map([[0, '0']]), 60_000);
      const ended = expect(reading).rejects.toThrow();
      await elapse(5);
      await store.close();
      await ended;
    });
  });

  describe('commit', () => {
    test('writes frames, head and history, and consumes the inbox', async () => {
      const begun = await begin(await open(), 'a');
      const { store, record, shard, entry } = begun;
      expect([...(await store.shards.load(shard, [record.executionId])).values()]).toEqual([
        { record, head: { state: { status: 'RUNNING' }, events: 0, visits: 0 }, frames: new Map() },
      ]);
      const position = { scope: '__proto__', index: 0 };
      const large = { phase: 'done' as const, ...position, output: { ['__proto__']: 'x'.repeat(20_000) } };
      const small = { phase: 'pending' as const, ...position, item: { index: 0, value: null } };
      const frames = new Map<string, typeof large | typeof small>([
        ['0', large],
        ['1.0', small],
        ['__proto__', small],
      ]);
      await commit(begun, { frames, events: ['{"id":1}'] }, [entry.entryId]);
      const head = { state: { status: 'RUNNING' as const }, events: 2, visits: 7 };
      await commit(begun, { frames: new Map([['1.0', null]]), events: ['{"id":2}'], head });
      const loaded = await store.shards.load(shard, [record.executionId, executionId(executionArn('none'))]);
      frames.delete('1.0');
      expect([...loaded]).toEqual([[record.executionId, { record, head, frames }]]);
      expect(await readAll(store, shard)).toEqual([]);
      expect(await store.executions.history(record.executionArn, { start: 0, limit: 9, reverse: false })).toEqual({
        events: ['{"id":1}', '{"id":2}'],
        total: 2,
      });
    });

    test('of a stale lease writes nothing', async () => {
      const begun = await begin(await open(), 'a');
      const { store, record, shard, lease, entry } = begun;
      const other = await again(store);
      const stale: Lease = { ...lease };
      const fresh = await claim(other, shard, 'engine-1');
      const batch = { consumed: [entry.entryId], writes: [writeOf(record)] };
      expect(await store.shards.commit(stale, batch)).toBe('lost');
      expect(await readAll(store, shard)).toHaveLength(1);
      expect(await store.executions.history(record.executionArn, { start: 0, limit: 9, reverse: false })).toEqual({
        events: [],
        total: 0,
      });
      expect(await other.shards.commit(fresh, batch)).toBe('committed');
      expect(await readAll(store, shard)).toEqual([]);
    });

    test('that comes again is answered again and applied once', async () => {
      const begun = await begin(await open(), 'a');
      const { store, record, lease } = begun;
      const sentTwice = { ...lease };
      const batch = { consumed: [], writes: [writeOf(record)] };
      expect(await store.shards.commit(lease, batch)).toBe('committed');
      expect(lease.sequence).toBe(1);
      expect(await store.shards.commit(sentTwice, batch)).toBe('committed');
      expect(await store.shards.commit({ ...lease, sequence: 7 }, batch)).toBe('lost');
      const page = await store.executions.history(record.executionArn, { start: 0, limit: 9, reverse: false });
      expect(page?.total).toBe(1);
      expect(await store.shards.commit(lease, { consumed: [], writes: [] })).toBe('committed');
    });

    test('closes: nothing of the execution can come in any more', async () => {
      const begun = await beginTask(await open(), 'a', { timeout: 0, heartbeat: 0 });
      const { store, shard, lease, record } = begun;
      const wait = { visit: 2, purpose: 'wait' as const };
      await commit(begun, { effects: [{ type: 'SetTimer', timer: wait, dueMs: record.startMs }] });
      await succeed(begun, '1', 3);
      expect(await store.shards.fireTimers(lease, 10)).toEqual({ fired: 0, nextInMs: undefined });
      expect(await store.shards.load(shard, [record.executionId])).toEqual(new Map());
      expect(await arrivals(begun)).toEqual([]);
      await expect(commit(begun, { closed: true })).rejects.toThrow('RUNNING');
    });

    test('takes ten thousand frames, tasks and timers at once', async () => {
      const begun = await begin(await open(), 'a');
      const { store, shard, lease, record } = begun;
      const visits = Array.from({ length: 10_000 }, (_, index) => index + 1);
      const frame = { phase: 'done' as const, scope: 's', index: 0, output: 1 };
      const effects = visits.flatMap((visit) => [
        {
          type: 'DispatchTask' as const,
          visit,
          task: { resource: 'r', input: '1', taskToken: `t.${visit}.n${visit}` },
        },
        { type: 'SetTimer' as const, timer: { visit, purpose: 'timeout' as const }, dueMs: record.startMs },
      ]);
      const frames = new Map(visits.map((visit) => [`7.${visit}`, frame]));
      const events = visits.map((id) => JSON.stringify({ id }));
      await commit(begun, {
        frames,
        effects,
        events,
        head: { state: { status: 'RUNNING' }, events: 1e4, visits: 1e4 },
      });
      const loaded = await store.shards.load(shard, [record.executionId]);
      expect(loaded.get(record.executionId)?.frames.size).toBe(10_000);
      expect((await store.shards.fireTimers(lease, 1000)).fired).toBe(1000);
      await succeed(begun, '1', 10_000);
      expect(await store.shards.fireTimers(lease, 10)).toEqual({ fired: 0, nextInMs: undefined });
    });
  });

  describe('timers', () => {
    test('fire when due, the earliest first, each once', async () => {
      const begun = await begin(await open(), 'a');
      const { store, lease, record } = begun;
      const timer = (visit: number, dueMs: number) =>
        ({ type: 'SetTimer', timer: { visit, purpose: 'wait' }, dueMs }) as const;
      const effects = [timer(1, record.startMs + 60_000), timer(2, record.startMs), timer(3, record.startMs - 1)];
      await commit(begun, { effects });
      await elapse(2);
      expect(await store.shards.fireTimers(lease, 1)).toEqual({ fired: 1, nextInMs: 0 });
      const { fired, nextInMs } = await store.shards.fireTimers(lease, 10);
      expect(fired).toBe(1);
      expect(nextInMs).toBeGreaterThan(50_000);
      expect(await arrivals(begun)).toEqual([
        { type: 'TimersFired', timers: [{ visit: 3, purpose: 'wait' }] },
        { type: 'TimersFired', timers: [{ visit: 2, purpose: 'wait' }] },
      ]);
    });

    test('that are due together are one stimulus of their execution', async () => {
      const begun = await begin(await open(), 'a');
      const { store, lease, record } = begun;
      const timer = (visit: number) =>
        ({ type: 'SetTimer', timer: { visit, purpose: 'wait' }, dueMs: record.startMs }) as const;
      await commit(begun, { effects: [timer(1), timer(2), timer(3)] });
      await elapse(2);
      expect(await store.shards.fireTimers(lease, 2)).toEqual({ fired: 2, nextInMs: 0 });
      expect(await store.shards.fireTimers(lease, 10)).toEqual({ fired: 1, nextInMs: undefined });
      const wait = (visit: number) => ({ visit, purpose: 'wait' });
      expect(await arrivals(begun)).toEqual([
        { type: 'TimersFired', timers: [wait(1), wait(2)] },
        { type: 'TimersFired', timers: [wait(3)] },
      ]);
    });

    test('do not fire when they are taken back, in the same commit or later', async () => {
      const begun = await begin(await open(), 'a');
      const { store, lease, record } = begun;
      const set = (visit: number) =>
        ({ type: 'SetTimer', timer: { visit, purpose: 'retry' }, dueMs: record.startMs }) as const;
      const clear = (visit: number) => ({ type: 'ClearTimer', timer: { visit, purpose: 'retry' } }) as const;
      await commit(begun, { effects: [set(1), clear(1), set(2)] });
      await commit(begun, { effects: [clear(2)] });
      expect(await store.shards.fireTimers(lease, 10)).toEqual({ fired: 0, nextInMs: undefined });
    });

    test('that are due at once fire once, however many ask', async () => {
      const begun = await begin(await open(), 'a');
      const { store, lease, record } = begun;
      const effects = Array.from({ length: 50 }, (_, visit) => ({
        type: 'SetTimer' as const,
        timer: { visit, purpose: 'wait' as const },
        dueMs: record.startMs,
      }));
      await commit(begun, { effects });
      const other = await again(store);
      await Promise.all([store, other, store].map(({ shards }) => shards.fireTimers(lease, 100)));
      const told = (await arrivals(begun)) as Extract<Stimulus, { type: 'TimersFired' }>[];
      const visits = told.flatMap(({ timers }) => timers.map(({ visit }) => visit));
      expect(visits.toSorted((a, b) => a - b)).toEqual([...Array(50).keys()]);
    });
  });

  describe('the outbox', () => {
    test('has a task until a worker has it; a new owner gets it at once, then later and later', async () => {
      const begun = await beginTask(await open(), 'a', { input: '"in"' });
      const { store, shard, record } = begun;
      const other = await again(store);
      await store.shards.release(begun.lease);
      const lease = await claim(other, shard, 'engine-2');
      const [task, ...more] = await other.shards.dueOutbox(lease, 10);
      expect(task).toMatchObject({ id: { executionId: record.executionId, visit: 1 }, input: '"in"' });
      expect(more).toEqual([]);
      expect(await other.shards.dueOutbox(lease, 10)).toEqual([]);
      expect(await store.executions.startTask({ executionId: record.executionId, visit: 1 })).toBe(true);
      await other.shards.release(lease);
      expect(await store.shards.dueOutbox(await claim(store, shard, 'engine-3'), 10)).toEqual([]);
    });

    test('drops what is settled, and keeps what is only reserved', async () => {
      const store = await open();
      const tasks = [await beginTask(store, 'a'), await beginTask(store, 'b'), await beginTask(store, 'c')];
      const [settled, reserved, stopped] = tasks;
      if (!settled || !reserved || !stopped) throw new Error('unreachable');
      await store.executions.settleTask(tokenOf(settled), { type: 'failed' }, request());
      await store.executions.reserveTask({ executionId: reserved.record.executionId, visit: 1 }, 'w');
      await succeed({ ...stopped, lease: await claim(store, stopped.shard) }, '1', 2);
      const due = [];
      for (let shard = 0; shard < SHARDS; shard += 1) {
        due.push(...(await store.shards.dueOutbox(await claim(store, shard), 10)));
      }
      expect(due.map(({ id }) => id.executionId)).toEqual([reserved.record.executionId]);
    });
  });
}
