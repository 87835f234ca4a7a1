import { beforeEach, describe, expect, test } from 'vitest';
import { PERMIT_LEASE_MS, type PermitAsk, RECHECK_MS } from '../../../engine/store/permit-store.ts';
import type { Store } from '../../../engine/store/store.ts';
import type { ActivityLimits } from '../../../schemas/activity.ts';
import type { ExecutionId, TaskId } from '../../../schemas/task.ts';
import {
  type Begun,
  beginTask,
  commit,
  request,
  type StoreHarness,
  succeed,
  type TaskOptions,
  tokenOf,
} from './fixtures.ts';

const PAY = 'arn:aws:states:us-east-1:000000000000:activity:pay';

/** A process that keeps count of its permits. */
class Process {
  held = 0;
  readonly #store: Store;
  readonly #name: string;
  #sequence = 0;

  constructor(store: Store, name: string) {
    this.#store = store;
    this.#name = name;
  }

  async ask(change: Partial<Omit<PermitAsk, 'sequence'>>) {
    this.#sequence += 1;
    const ask = { sequence: this.#sequence, held: this.held, want: 0, bind: [], undo: [], ...change };
    const answer = await this.#store.permits.exchange(PAY, this.#name, ask);
    this.held = ask.held - ask.bind.length + (answer?.granted ?? 0);
    return answer;
  }

  /** Asks again as a cut connection does. */
  again = (change: Partial<PermitAsk>) =>
    this.#store.permits.exchange(PAY, this.#name, {
      sequence: this.#sequence,
      held: 0,
      want: 0,
      bind: [],
      undo: [],
      ...change,
    });

  take = async (want: number) => (await this.ask({ want }))?.granted;
  bind = async (...bind: TaskId[]) => (await this.ask({ bind }))?.bound;
  /** Takes a permit for the task and binds it. */
  async handOut(id: TaskId): Promise<boolean> {
    if ((await this.take(1)) !== 1) return false;
    return (await this.bind(id))?.[0] === true;
  }
}

const idOf = ({ record: { executionId } }: Begun): TaskId => ({ executionId, visit: 1 });
const noTask = (visit: number): TaskId => ({ executionId: '0123456789abcdef-_XXXX' as ExecutionId, visit });
const result = { type: 'succeeded', output: '1' } as const;

let names = 0;

/** Makes a task that a worker has under a permit of the process. */
async function handOut(store: Store, process: Process, timers: TaskOptions = {}): Promise<Begun> {
  const begun = await beginTask(store, `run-${++names}`, timers);
  await store.executions.reserveTask(idOf(begun), 'w', PAY);
  expect(await process.handOut(idOf(begun))).toBe(true);
  await store.executions.startTask(idOf(begun), 'w');
  return begun;
}

export function testPermits({ open, again, elapse }: StoreHarness): void {
  describe('permits', () => {
    let store: Store;
    let one: Process;
    let other: Process;
    const limit = (limits: ActivityLimits) => store.registry.changeActivity(PAY, { limits });
    const handedOut = (timers?: TaskOptions) => handOut(store, one, timers);
    const eventually = async (process: Process) => {
      for (let count = 0; (await process.take(1)) === 0; count += 1) {
        if (count === 10) throw new Error('There is no permit');
        await elapse(RECHECK_MS);
      }
    };

    beforeEach(async () => {
      store = await open();
      one = new Process(store, 'one');
      other = new Process(await again(store), 'other');
      await store.registry.createActivity({ activityArn: PAY, name: 'pay' });
    });

    test('are not needed without limits', async () => {
      expect(await one.ask({ want: 1 })).toBeUndefined();
      await limit({ priority: '$.rank' });
      expect(await one.ask({ want: 1 })).toBeUndefined();
      await store.registry.deleteActivity(PAY);
      expect(await one.ask({ want: 1 })).toBeUndefined();
    });

    test('are shared, never more than there may be tasks in progress', async () => {
      await limit({ maxConcurrency: 5 });
      expect([await one.take(3), await other.take(9), await one.take(1)]).toEqual([3, 2, 0]);
      expect(await one.bind(noTask(1), noTask(2))).toEqual([true, true]);
      expect(await other.take(1)).toBe(0);
      one.held = 0;
      await one.ask({});
      expect(await other.take(9)).toBe(1);
    });

    test('are free when the task did not get to a worker, but count for the rate', async () => {
      await limit({ maxConcurrency: 1, ratePerSecond: 0.001, burst: 2 });
      expect(await one.handOut(noTask(1))).toBe(true);
      expect(await other.ask({ undo: [noTask(1)], want: 1 })).toMatchObject({ granted: 0 });
      await one.ask({ undo: [noTask(1)] });
      expect(await other.handOut(noTask(1))).toBe(true);
      await other.ask({ undo: [noTask(1)] });
      expect(await one.take(1)).toBe(0);
    });

    test('follow the rate', async () => {
      await limit({ ratePerSecond: 20, burst: 3 });
      expect(await one.take(9)).toBe(3);
      const answer = await other.ask({ want: 9 });
      // Three are held, and would be a burst of their own.
      expect(answer).toEqual({ granted: 0, bound: [], retryMs: undefined });
      expect(await one.bind(noTask(1), noTask(2), noTask(3))).toEqual([true, true, true]);
      const empty = await other.ask({ want: 9 });
      if (empty?.granted === 0) {
        expect(empty.retryMs).toBeGreaterThan(0);
        expect(empty.retryMs).toBeLessThanOrEqual(50);
      }
      await elapse(60);
      expect(await other.take(9)).toBeGreaterThan(0);
    });

    test('that are held while time passes do not add up to more than a burst', async () => {
      await limit({ ratePerSecond: 100, burst: 2 });
      expect(await one.take(1)).toBe(1);
      await elapse(100);
      expect(await other.take(9)).toBe(1);
    });

    test('are answered alike when they are asked for twice', async () => {
      await limit({ maxConcurrency: 9, ratePerSecond: 0.001, burst: 3 });
      expect(await one.take(2)).toBe(2);
      const ask = { held: 2, want: 1, bind: [noTask(1)] };
      const answer = await one.ask(ask);
      expect(answer).toEqual({ granted: 1, bound: [true], retryMs: undefined });
      expect(await one.again(ask)).toEqual(answer);
      expect(await other.take(9)).toBe(0);
      expect(await one.bind(noTask(2), noTask(3))).toEqual([true, true]);
    });

    test('of an activity that is paused bind nothing, and are there again when it goes on', async () => {
      await limit({ ratePerSecond: 0.001, burst: 2 });
      expect(await one.take(1)).toBe(1);
      await store.registry.changeActivity(PAY, { paused: true });
      expect(await one.bind(noTask(1))).toEqual([false]);
      expect(await other.ask({ want: 1 })).toMatchObject({ granted: 0, retryMs: undefined });
      await store.registry.changeActivity(PAY, { paused: false });
      expect(await other.take(9)).toBe(2);
    });

    test('bind no more than the limit as it is then', async () => {
      await limit({ maxConcurrency: 3 });
      expect(await one.take(3)).toBe(3);
      await limit({ maxConcurrency: 1 });
      expect(await one.bind(noTask(1), noTask(2), noTask(3))).toEqual([true, false, false]);
      await limit({ maxConcurrency: 2 });
      expect(await other.take(9)).toBe(1);
    });

    test('are free at once when a result comes', async () => {
      await limit({ maxConcurrency: 1 });
      const begun = await handedOut();
      expect(await other.take(1)).toBe(0);
      const { promise: heard, resolve } = Promise.withResolvers<string>();
      await store.permits.listen(resolve);
      await store.executions.settleTask(tokenOf(begun), result, request());
      expect(await heard).toBe(PAY);
      expect(await other.take(1)).toBe(1);
    });

    test('are found to be free when their task has timed out', async () => {
      await limit({ maxConcurrency: 1 });
      const begun = await handedOut({ timeout: 0 });
      await store.shards.fireTimers(begun.lease, 10);
      await eventually(other);
    });

    test('are found to be free when their task was taken back', async () => {
      await limit({ maxConcurrency: 1 });
      const begun = await handedOut();
      await commit(begun, { effects: [{ type: 'CloseTask', visit: 1 }] });
      await eventually(other);
    });

    test('are found to be free when their execution has ended', async () => {
      await limit({ maxConcurrency: 1 });
      await succeed(await handedOut(), '1', 2);
      await eventually(other);
      expect(await store.permits.inProgress(PAY)).toBe(0);
    });

    test('stay bound to tasks in progress, however long', async () => {
      await limit({ maxConcurrency: 1 });
      await handedOut();
      await elapse(PERMIT_LEASE_MS + RECHECK_MS);
      expect(await other.take(1)).toBe(0);
      await elapse(RECHECK_MS);
      expect(await store.permits.inProgress(PAY)).toBe(1);
      expect(await other.take(1)).toBe(0);
    });

    test('that a dead process held or had not handed out come back', async () => {
      await limit({ maxConcurrency: 2, ratePerSecond: 0.001, burst: 3 });
      const begun = await beginTask(store, 'unborn');
      expect(await one.take(2)).toBe(2);
      expect(await one.bind(idOf(begun))).toEqual([true]);
      await elapse(PERMIT_LEASE_MS + 10);
      await eventually(other);
      expect(other.held).toBe(1);
      await eventually(other);
      expect(other.held).toBe(2);
      expect(await one.bind(idOf(begun))).toEqual([false]);
    });

    test('go on under a task that the next process hands out', async () => {
      await limit({ maxConcurrency: 2 });
      const begun = await beginTask(store, 'again');
      expect(await one.handOut(idOf(begun))).toBe(true);
      expect(await other.handOut(idOf(begun))).toBe(true);
      expect(await store.permits.inProgress(PAY)).toBe(1);
      expect(await other.take(2)).toBe(1);
    });

    test('are forgotten with the limits', async () => {
      await limit({ maxConcurrency: 1 });
      await handedOut();
      await limit({});
      expect(await other.ask({ want: 1 })).toBeUndefined();
      expect(await store.permits.inProgress(PAY)).toBe(0);
    });
  });
}
