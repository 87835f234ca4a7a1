import { describe, expect, test } from 'vitest';
import { mergeWorkers } from '../../../engine/store/poll-store.ts';
import type { StoreHarness } from './fixtures.ts';

const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:activity:${name}`;
const [PAY, SHIP, PACK] = ['pay', 'ship', 'pack'].map(arnOf) as [string, string, string];

export function testPolls({ open, again }: StoreHarness): void {
  describe('polls', () => {
    test('are added up over processes', async () => {
      const store = await open();
      const other = await again(store);
      const seen = (agoMs: number) => ({ name: 'till "1"', agoMs });
      await store.polls.report(
        'one',
        new Map([[PAY, { waiting: 2, workers: [seen(5000), { name: 'b', agoMs: 60_000 }] }]]),
      );
      await other.polls.report(
        'other',
        new Map([
          [PAY, { waiting: 3, workers: [seen(100)], handOutAgoMs: 1000 }],
          [SHIP, { waiting: 0, workers: [] }],
        ]),
      );
      const read = await store.polls.read([PAY, SHIP, PACK]);
      expect([...read.keys()]).toEqual([PAY, SHIP]);
      expect(read.get(SHIP)).toEqual({ waiting: 0, workers: [] });
      const { waiting, workers = [], handOutMs = 0 } = read.get(PAY) ?? {};
      expect(waiting).toBe(5);
      expect(workers.map(({ name }) => name)).toEqual(['till "1"', 'b']);
      expect((workers[0]?.seenMs ?? 0) - handOutMs).toBe(900);
    });

    test('of a process are what it told last', async () => {
      const { polls, registry } = await open();
      await registry.createActivity({ activityArn: PAY, name: 'pay' });
      await polls.report('one', new Map([[PAY, { waiting: 2, workers: [], handOutAgoMs: 10 }]]));
      await polls.report('one', new Map([[SHIP, { waiting: 1, workers: [] }]]));
      const read = await polls.read([PAY, SHIP]);
      // That a task was handed out is kept, whoever did it.
      expect(read.get(PAY)).toEqual({ waiting: 0, workers: [], handOutMs: expect.any(Number) });
      expect(read.get(SHIP)?.waiting).toBe(1);
      await polls.report('one', new Map());
      await registry.deleteActivity(PAY);
      expect(await polls.read([PAY, SHIP])).toEqual(new Map());
    });

    test('name each worker once, the latest first', () => {
      const workers = [
        { name: 'a', seenMs: 1 },
        { name: 'b', seenMs: 2 },
        { name: 'a', seenMs: 3 },
      ];
      expect(mergeWorkers(workers).map(({ name }) => name)).toEqual(['a', 'b']);
    });
  });
}
