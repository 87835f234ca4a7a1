import { describe, expect, test } from 'vitest';
import { begin, claim, commit, MACHINE, newRecord, request, SHARDS, type StoreHarness, succeed } from './fixtures.ts';

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

/** How much lies in the store. */
export function testStatistics({ open, elapse }: StoreHarness): void {
  describe('statistics', () => {
    test('tell of an empty shard that nobody owns', async () => {
      const store = await open();
      expect(await store.statistics.shards([2])).toEqual([
        { shard: 2, lease: undefined, inbox: { entries: 0, oldestMs: 0 }, outboxTasks: 0, timers: 0, timersDue: 0 },
      ]);
    });

    test('tell whose a shard is, until the lease is given up', async () => {
      const store = await open();
      const lease = await claim(store, 1, 'engine-7', 60_000);
      const [told] = await store.statistics.shards([1]);
      expect(told?.lease?.owner).toBe('engine-7');
      expect(told?.lease?.leftMs).toBeGreaterThan(50_000);
      expect(told?.lease?.leftMs).toBeLessThanOrEqual(60_000);
      await store.shards.release(lease);
      expect((await store.statistics.shards([1]))[0]?.lease).toBeUndefined();
    });

    test('tell of a lease that ran out that the shard is nobody’s', async () => {
      const store = await open();
      await claim(store, 0, 'engine-1', 1);
      await elapse(5);
      expect((await store.statistics.shards([0]))[0]?.lease).toBeUndefined();
    });

    test('tell how many stimuli wait, and since when the oldest', async () => {
      const store = await open();
      await store.executions.start(newRecord('a'), request());
      await elapse(20);
      await store.executions.start(newRecord('b'), request());
      const told = await store.statistics.shards(ALL);
      expect(told.reduce((sum, { inbox }) => sum + inbox.entries, 0)).toBe(2);
      expect(Math.max(...told.map(({ inbox }) => inbox.oldestMs))).toBeGreaterThanOrEqual(20);
    });

    test('tell how many tasks and timers wait, and how many timers are due', async () => {
      const store = await open();
      const begun = await begin(store, 'a');
      const { record, shard, entry } = begun;
      const resource = 'arn:aws:states:us-east-1:000000000000:activity:pay';
      const timer = (visit: number, dueMs: number) =>
        ({ type: 'SetTimer', timer: { visit, purpose: 'wait' }, dueMs }) as const;
      await commit(
        begun,
        {
          effects: [
            { type: 'DispatchTask', visit: 1, task: { resource, input: '{}', taskToken: `${record.executionId}.1.n` } },
            timer(2, record.startMs),
            timer(3, record.startMs + 3_600_000),
          ],
        },
        [entry.entryId],
      );
      await elapse(1);
      expect(await store.statistics.shards([shard])).toMatchObject([
        { inbox: { entries: 0 }, outboxTasks: 1, timers: 2, timersDue: 1 },
      ]);
    });

    test('count the open executions of each machine in the shards that are asked for', async () => {
      const store = await open();
      const { shard } = await begin(store, 'a');
      const closed = await begin(store, 'b');
      await succeed(closed);
      const other = `${MACHINE}-other`;
      expect(await store.statistics.openExecutions([MACHINE, other], ALL)).toEqual([1, 0]);
      expect(await store.statistics.openExecutions([MACHINE], [shard])).toEqual([1]);
      expect(await store.statistics.openExecutions([MACHINE], [(shard + 1) % SHARDS])).toEqual([0]);
    });

    test('tell how the server stands, by its clock', async () => {
      const store = await open();
      const { startMs } = await store.executions.start(newRecord('a'), request());
      const told = await store.statistics.condition(true);
      expect(told).toMatchObject({ evictionPolicy: 'noeviction', refusal: undefined });
      expect(told.clockMs).toBeGreaterThanOrEqual(startMs);
    });
  });
}
