import { Redis } from 'ioredis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ActivitySettingsWatch } from '../../engine/activities/activity-settings.ts';
import { type ActivityTask, createHandOuts, type HandOuts } from '../../engine/activities/hand-outs.ts';
import { createPriorities } from '../../engine/activities/priority.ts';
import { systemClock } from '../../engine/runtime/clock.ts';
import { createRedisStore } from '../../engine/store/redis/redis-store.ts';
import type { ActivityRecord, Store } from '../../engine/store/store.ts';
import { createBullmqTaskQueue } from '../../engine/tasks/bullmq.ts';
import type { TaskQueue } from '../../engine/tasks/queue.ts';
import type { ActivityLimits } from '../../schemas/activity.ts';
import { type Begun, beginTask, claim, commit, request, SHARDS, tokenOf } from '../contracts/store/fixtures.ts';
import { useRedis } from '../support/redis.ts';

/** Several processes' worth of polls on one Redis, each with connections of its own. */

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';
const LONG_MS = 60_000;
const SILENT = { info() {}, warn() {}, error() {} };

const redis = useRedis();
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Process {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly handOuts: HandOuts;
}

let processes = 0;

async function startProcess(): Promise<Process> {
  processes += 1;
  const name = `process-${processes}`;
  const store = await createRedisStore({ url: redis.url, shards: SHARDS, retentionMs: 1e9 });
  const { permits, polls } = store;
  const connection = new Redis(redis.url);
  const ports = { permits, clock: systemClock, log: SILENT };
  const settings = new ActivitySettingsWatch(ports);
  await settings.start();
  const priorityOf = createPriorities((arn) => settings.of(arn)?.limits?.priority);
  const queue = createBullmqTaskQueue({ connection, priorityOf });
  const handOuts = createHandOuts({ ...ports, polls, queue, settings, process: name });
  cleanups.push(async () => {
    await handOuts.close();
    await settings.stop();
    await queue.close();
    connection.disconnect();
    await store.close();
  });
  return { store, queue, handOuts };
}

async function newActivity(store: Store, limits: ActivityLimits): Promise<ActivityRecord> {
  await store.registry.deleteActivity(ACTIVITY);
  await store.registry.createActivity({ activityArn: ACTIVITY, name: 'pay' });
  const activity = await store.registry.changeActivity(ACTIVITY, { limits });
  if (!activity) throw new Error('There is no activity');
  return activity;
}

let runs = 0;

/** Executions that wait for a task each, by their ids. */
async function newTasks(store: Store, queue: TaskQueue, inputs: readonly string[]): Promise<Map<string, Begun>> {
  const begun = new Map<string, Begun>();
  for (const input of inputs) {
    const each = await beginTask(store, `run-${++runs}`, { input });
    const { executionId } = each.record;
    begun.set(executionId, each);
    await queue.add([{ id: { executionId, visit: 1 }, resource: ACTIVITY, input, taskToken: '' }]);
  }
  return begun;
}

/** As GetActivityTask and its answer do: true when the worker has the task. */
async function handOut({ store }: Process, taken: ActivityTask, onAdmitted = () => {}): Promise<boolean> {
  const task = await store.executions.reserveTask(taken.id, 'w', taken.permitOf);
  if (!task || !(await taken.admit())) {
    await (task ? taken.giveBack() : taken.done());
    return false;
  }
  onAdmitted();
  await store.executions.startTask(taken.id, 'w');
  await taken.done();
  return true;
}

const ENDINGS = ['result', 'timeout', 'heartbeat', 'stop', 'result'] as const;

async function end(store: Store, begun: Begun, ending: (typeof ENDINGS)[number]): Promise<void> {
  if (ending === 'result') {
    await store.executions.settleTask(tokenOf(begun), { type: 'succeeded', output: '1' }, request());
    return;
  }
  for (;;) {
    const lease = await claim(store, begun.shard);
    const timer = { visit: 1, purpose: ending === 'stop' ? ('timeout' as const) : ending };
    const effect =
      ending === 'stop'
        ? ({ type: 'CloseTask', visit: 1 } as const)
        : ({ type: 'SetTimer', timer, dueMs: begun.record.startMs } as const);
    // Another ending may have taken the lease meanwhile.
    const isWritten = await commit({ ...begun, lease }, { effects: [effect] }).then(
      () => true,
      () => false,
    );
    if (!isWritten) continue;
    if (ending !== 'stop') await store.shards.fireTimers(lease, 100);
    return;
  }
}

describe('hand-outs by several processes', () => {
  test('are never more at a time than may be in progress, whoever dies, and all permits are free in the end', async () => {
    const MAX = 5;
    const all = await Promise.all(Array.from({ length: 4 }, startProcess));
    const [first] = all as [Process];
    const activity = await newActivity(first.store, { maxConcurrency: MAX });
    // A process that died with permits, one of them for a task that it had not handed out.
    const tasks = await newTasks(first.store, first.queue, Array(60).fill('{}'));
    const [orphan] = tasks.values();
    const ghost = { sequence: 1, held: 0, want: 3, bind: [], undo: [] };
    await first.store.permits.exchange(ACTIVITY, 'ghost', ghost);
    const bind = orphan ? [{ executionId: orphan.record.executionId, visit: 1 }] : [];
    await first.store.permits.exchange(ACTIVITY, 'ghost', { ...ghost, sequence: 2, held: 3, want: 0, bind });
    let inProgress = 0;
    let most = 0;
    let handedOut = 0;
    const over = new AbortController();
    const count = () => {
      inProgress += 1;
      most = Math.max(most, inProgress);
    };
    const perform = async ({ store }: Process, { id }: ActivityTask): Promise<void> => {
      const begun = tasks.get(id.executionId);
      if (!begun) throw new Error('Nobody made this task');
      await store.executions.heartbeatTask(tokenOf(begun));
      inProgress -= 1;
      await end(store, begun, ENDINGS[handedOut % ENDINGS.length] ?? 'result');
      handedOut += 1;
      if (handedOut === tasks.size) over.abort();
    };
    const work = async (process: Process): Promise<void> => {
      while (!over.signal.aborted) {
        const taken = await process.handOuts.take(activity, LONG_MS, over.signal);
        if (!taken || !(await handOut(process, taken, count))) continue;
        await perform(process, taken);
      }
    };
    await Promise.all(all.flatMap((process) => Array.from({ length: 8 }, () => work(process))));
    expect(handedOut).toBe(tasks.size);
    // As many as may be, and no more.
    expect(most).toBe(MAX);
    await vi.waitFor(async () => expect(await first.store.permits.inProgress(ACTIVITY)).toBe(0), { timeout: 10_000 });
    await vi.waitFor(
      async () => {
        const ask = { sequence: Math.ceil(performance.now()), held: 0, want: 99, bind: [], undo: [] };
        expect((await first.store.permits.exchange(ACTIVITY, 'last', ask))?.granted).toBe(MAX);
      },
      { timeout: 10_000, interval: 500 },
    );
  });

  test('follow the priority of tasks, and those without one come last', async () => {
    const process = await startProcess();
    const { store, queue, handOuts } = process;
    const activity = await newActivity(store, { maxConcurrency: 1, priority: "$.order['rank']" });
    // The process that queues tasks has heard of the path.
    await handOuts.take(activity, 1, new AbortController().signal);
    const inputs = [
      '{}',
      '{"order":{"rank":7}}',
      '{"order":{"rank":"1"}}',
      '{"order":{"rank":2}}',
      '[]',
      '{"order":{"rank":1001}}',
      '{"order":{"rank":1}}',
    ];
    const tasks = await newTasks(store, queue, inputs);
    const order: (string | undefined)[] = [];
    while (order.length < inputs.length) {
      const taken = await handOuts.take(activity, LONG_MS, new AbortController().signal);
      if (!taken || !(await handOut(process, taken))) continue;
      const begun = tasks.get(taken.id.executionId);
      order.push(inputs[[...tasks.keys()].indexOf(taken.id.executionId)]);
      if (begun) await end(store, begun, 'result');
    }
    expect(order.map((input) => JSON.parse(input ?? '').order?.rank)).toEqual([
      1,
      2,
      7,
      undefined,
      '1',
      undefined,
      1001,
    ]);
  });

  test('stop when the activity is paused, and go on when it is resumed', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    const activity = await newActivity(one.store, {});
    const never = new AbortController();
    const waiting = [one, other].map(async (process) => {
      for (;;) {
        const taken = await process.handOuts.take(activity, LONG_MS, never.signal);
        if (taken && (await handOut(process, taken))) return taken.permitOf;
      }
    });
    await one.store.registry.changeActivity(ACTIVITY, { paused: true });
    // Both have asked for a permit: they wait at their gates.
    await vi.waitFor(async () => expect(await holders()).toBe(2), { timeout: 5_000 });
    await newTasks(one.store, one.queue, ['{}', '{}']);
    expect(await one.store.permits.inProgress(ACTIVITY)).toBe(0);
    await one.store.registry.changeActivity(ACTIVITY, { paused: false });
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });
});

/** Processes that have said something of permits. */
async function holders(): Promise<number> {
  const connection = new Redis(redis.url);
  const count = await connection.hlen(`stepyard:{registry}:permits:${ACTIVITY}`);
  connection.disconnect();
  return count;
}
