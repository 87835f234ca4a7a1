import { describe, expect, test } from 'vitest';
import type { ExecutionChange } from '../../../engine/store/live.ts';
import type { Store } from '../../../engine/store/store.ts';
import {
  type Begun,
  begin,
  claim,
  commit,
  newRecord,
  request,
  type StoreHarness,
  succeed,
  writeOf,
} from './fixtures.ts';

type Heard = ExecutionChange | 'missed';

/** Listens to one execution, or to all, and notes what comes. It is heard from the time of this answer on. */
async function listen(store: Store, only?: Begun): Promise<{ heard: Heard[]; stop: () => void }> {
  const heard: Heard[] = [];
  const hear = (change: Heard) => heard.push(change);
  const stop = only ? store.live.watch(only.record.executionId, hear) : store.live.watchAll(hear);
  await expect.poll(() => heard).toEqual(['missed']);
  return { heard, stop };
}

const head = (events: number) => ({ state: { status: 'RUNNING' as const }, events, visits: 1 });

export function testListening({ open, again }: StoreHarness): void {
  describe('live', () => {
    test('tells every commit of an execution, and its ARN when the status changes', async () => {
      const store = await open();
      const [begun, other] = [await begin(store, 'a'), await begin(store, 'b')];
      const { executionId, executionArn } = begun.record;
      const { heard } = await listen(await again(store), begun);
      const all = await listen(store);
      await commit(begun, {});
      await commit(other, {});
      await commit(begun, { events: ['{"id":2}', '{"id":3}'], head: head(3) });
      await succeed(begun, '1', 3);
      const told = [
        { executionId, status: 'RUNNING', events: 1, executionArn },
        { executionId, status: 'RUNNING', events: 3 },
        { executionId, status: 'SUCCEEDED', events: 4, executionArn },
      ];
      await expect.poll(() => heard).toEqual(['missed', ...told]);
      await expect.poll(() => all.heard).toHaveLength(5);
      expect(all.heard.slice(1).filter((change) => change !== 'missed' && change.executionId === executionId)).toEqual(
        told,
      );
    });

    test('tells what one commit writes of many executions', async () => {
      const store = await open();
      const { heard } = await listen(store);
      const writes = await Promise.all(
        Array.from({ length: 300 }, async (_, index) => {
          const record = newRecord(`many-${index}`);
          const { startMs } = await store.executions.start(record, request());
          return writeOf({ ...record, startMs });
        }),
      );
      const lease = await claim(store, 0);
      await store.shards.commit(lease, { consumed: [], writes });
      await expect.poll(() => heard).toHaveLength(301);
    });

    test('tells the ARN of one that goes on after a redrive', async () => {
      const begun = await begin(await open(), 'a');
      const { executionId, executionArn } = begun.record;
      const { heard } = await listen(begun.store, begun);
      const redriven = { ...head(5), redrives: { count: 1, lastMs: 9 } };
      await commit(begun, { events: ['{"id":5,"type":"ExecutionRedriven"}'], head: redriven });
      await commit(begun, { events: ['{"id":6}'], head: { ...redriven, events: 6 } });
      const change = { executionId, status: 'RUNNING' };
      await expect
        .poll(() => heard.slice(1))
        .toEqual([
          { ...change, events: 5, executionArn },
          { ...change, events: 6 },
        ]);
    });

    test('says nothing to those who have left, and goes on for the others', async () => {
      const store = await open();
      const begun = await begin(store, 'a');
      const [left, stays] = [await listen(store, begun), await listen(store, begun)];
      left.stop();
      left.stop();
      await commit(begun, {});
      await expect.poll(() => stays.heard).toHaveLength(2);
      stays.stop();
      const anew = await listen(store, begun);
      await commit(begun, { events: ['{"id":2}'], head: head(2) });
      await expect.poll(() => anew.heard).toHaveLength(2);
      expect([left.heard, stays.heard].map(({ length }) => length)).toEqual([1, 2]);
    });

    test('is silent about what leaves no trace', async () => {
      const store = await open();
      const child = { mapRunArn: 'm', parent: 'p', visit: 1, index: 0, scope: '', items: 1, tellsInput: false };
      const { heard } = await listen(store);
      const begun = await begin(store, 'a');
      const ephemeral = { ...begun.record, child: { ...child, type: 'EXPRESS' } } as Begun['record'];
      await commit({ ...begun, record: ephemeral }, {});
      await commit(begun, { events: ['{"id":2}'], head: head(2) });
      await expect.poll(() => heard).toHaveLength(2);
    });
  });
}
