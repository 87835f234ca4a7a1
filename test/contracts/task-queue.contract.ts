import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PriorityOf, QueueStatistics, TakenTask, TaskQueue } from '../../engine/tasks/queue.ts';
import type { ExecutionId, PendingTask } from '../../schemas/task.ts';

export const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pack';
export const OTHER_ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:ship';
const LAMBDA_INVOKE = 'arn:aws:states:::lambda:invoke';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:price';

/** Long enough that a test fails by its own limit, not by this. */
export const LONG_MS = 60_000;

const EXECUTION_ID = 'exec-_0123456789abcdef' as ExecutionId;

export const pending = (visit: number, resource = ACTIVITY): PendingTask => ({
  id: { executionId: EXECUTION_ID, visit },
  resource,
  input: '{}',
  taskToken: 'token',
});

export const never = (): AbortSignal => new AbortController().signal;

export const visitsOf = (tasks: readonly (TakenTask | undefined)[]): (number | undefined)[] =>
  tasks.map((task) => task?.id.visit);

/** What holds for every TaskQueue. */
export function taskQueueContract(
  name: string,
  makeQueue: (priorityOf?: PriorityOf) => TaskQueue & QueueStatistics,
): void {
  describe(`${name}: the TaskQueue contract`, () => {
    let queue: TaskQueue;
    beforeEach(() => {
      queue = makeQueue();
    });
    afterEach(() => queue.close());

    const take = (resource = ACTIVITY) => queue.take(resource, LONG_MS, never());

    test('hands out what was added before', async () => {
      await queue.add([pending(1)]);
      const taken = await take();
      expect(taken?.id).toEqual({ executionId: EXECUTION_ID, visit: 1 });
      await taken?.done();
    });

    test('hands what is added to who waits', async () => {
      const waiting = take();
      await queue.add([pending(1)]);
      expect((await waiting)?.id.visit).toBe(1);
    });

    test('hands tasks out in the order in which they were added', async () => {
      await queue.add([pending(1), pending(2), pending(3)]);
      const visits: (number | undefined)[] = [];
      for (let count = 0; count < 3; count += 1) {
        const taken = await take();
        visits.push(taken?.id.visit);
        await taken?.done();
      }
      expect(visits).toEqual([1, 2, 3]);
    });

    test('serves who waits longest first', async () => {
      const order: string[] = [];
      const waiting = ['first', 'second', 'third'].map((caller) =>
        take().then(async (taken) => {
          order.push(caller);
          await taken?.done();
        }),
      );
      await queue.add([pending(1), pending(2), pending(3)]);
      await Promise.all(waiting);
      expect(order).toEqual(['first', 'second', 'third']);
    });

    test('keeps activities apart', async () => {
      const other = take(OTHER_ACTIVITY);
      const own = take(ACTIVITY);
      await queue.add([pending(1, ACTIVITY)]);
      expect((await own)?.id.visit).toBe(1);
      await queue.add([pending(2, OTHER_ACTIVITY)]);
      expect((await other)?.id.visit).toBe(2);
    });

    test('keeps all other resources in one queue', async () => {
      await queue.add([pending(1, LAMBDA_INVOKE), pending(2, FUNCTION)]);
      const taken = [await take(FUNCTION), await take(LAMBDA_INVOKE)];
      expect(visitsOf(taken)).toEqual([1, 2]);
    });

    test('adding a task that is waiting or held changes nothing', async () => {
      await queue.add([pending(1)]);
      await queue.add([pending(1), pending(2)]);
      const first = await take();
      await queue.add([pending(1)]);
      const second = await take();
      expect(visitsOf([first, second])).toEqual([1, 2]);
      expect(await queue.take(ACTIVITY, 1, never())).toBeUndefined();
    });

    test('a task that is done can be added again', async () => {
      await queue.add([pending(1)]);
      await (await take())?.done();
      await queue.add([pending(1)]);
      expect((await take())?.id.visit).toBe(1);
    });

    test('what is given back is handed out next', async () => {
      await queue.add([pending(1), pending(2)]);
      const first = await take();
      await first?.giveBack();
      const again = [await take(), await take()];
      expect(visitsOf(again)).toEqual([1, 2]);
    });

    test('a note comes again with a task that is given back', async () => {
      await queue.add([pending(1)]);
      const first = await take();
      expect(first?.note).toBeUndefined();
      await first?.keep('half way');
      await first?.giveBack();
      expect((await take())?.note).toBe('half way');
    });

    describe('with priorities', () => {
      // Visits from 100 on ask for their hundreds, others for nothing.
      const priorityOf: PriorityOf = ({ id: { visit } }) => (visit < 100 ? undefined : Math.floor(visit / 100));
      let ordered: TaskQueue & QueueStatistics;
      beforeEach(() => {
        ordered = makeQueue(priorityOf);
      });
      afterEach(() => ordered.close());

      const takeAll = async (count: number) => {
        const visits: (number | undefined)[] = [];
        for (let left = count; left > 0; left -= 1) {
          const taken = await ordered.take(ACTIVITY, LONG_MS, never());
          visits.push(taken?.id.visit);
          await taken?.done();
        }
        return visits;
      };

      test('hands out the first first, and equals in the order in which they were added', async () => {
        await ordered.add([pending(301), pending(101), pending(302), pending(201), pending(102)]);
        expect(await takeAll(5)).toEqual([101, 102, 201, 301, 302]);
      });

      test('tasks without one come before those with one', async () => {
        await ordered.add([pending(101), pending(1), pending(100_100), pending(2)]);
        expect(await takeAll(4)).toEqual([1, 2, 101, 100_100]);
      });

      test('tells how many wait, and for how long', async () => {
        expect(await ordered.depth(ACTIVITY)).toEqual({ tasks: 0, oldestMs: undefined });
        await ordered.add([pending(301), pending(101), pending(1)]);
        expect(await ordered.depth(ACTIVITY)).toEqual({ tasks: 3, oldestMs: expect.any(Number) });
        await takeAll(1);
        expect(await ordered.depth(ACTIVITY)).toEqual({ tasks: 2, oldestMs: expect.any(Number) });
        await takeAll(2);
        expect(await ordered.depth(ACTIVITY)).toEqual({ tasks: 0, oldestMs: undefined });
      });

      test('what is given back is before its equals, and wakes who waits elsewhere', async () => {
        await ordered.add([pending(201), pending(202), pending(101)]);
        const first = await ordered.take(ACTIVITY, LONG_MS, never());
        const second = await ordered.take(ACTIVITY, LONG_MS, never());
        await first?.giveBack();
        await second?.giveBack();
        expect(await takeAll(3)).toEqual([101, 201, 202]);
      });
    });

    test('waits no longer than asked', async () => {
      expect(await queue.take(ACTIVITY, 1, never())).toBeUndefined();
    });

    test('who aborts gets nothing and takes nothing', async () => {
      const gone = new AbortController();
      const aborted = queue.take(ACTIVITY, LONG_MS, gone.signal);
      const waiting = take();
      gone.abort();
      expect(await aborted).toBeUndefined();
      await queue.add([pending(1)]);
      expect((await waiting)?.id.visit).toBe(1);
    });

    test('a task is not lost on who aborts when it arrives', async () => {
      for (let visit = 1; visit <= 20; visit += 1) {
        const gone = new AbortController();
        const aborted = queue.take(ACTIVITY, LONG_MS, gone.signal);
        const added = queue.add([pending(visit)]);
        gone.abort();
        await (await aborted)?.giveBack();
        await added;
        const taken = await take();
        expect(taken?.id.visit).toBe(visit);
        await taken?.done();
      }
    });

    test('many callers get many tasks, each one once', async () => {
      const count = 300;
      const waiting = Array.from({ length: count }, async () => {
        const taken = await take();
        await taken?.done();
        return taken?.id.visit;
      });
      await queue.add(Array.from({ length: count }, (_, index) => pending(index + 1)));
      const visits = await Promise.all(waiting);
      expect(new Set(visits).size).toBe(count);
    });

    test('closing lets everybody go', async () => {
      const waiting = [take(), take(OTHER_ACTIVITY)];
      await queue.close();
      expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
      expect(await take()).toBeUndefined();
    });
  });
}
