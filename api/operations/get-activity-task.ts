import { setTimeout as delay } from 'node:timers/promises';
import Type from 'typebox';
import type { TakenTask } from '../../engine/tasks/queue.ts';
import type { PendingTask, TaskId } from '../../schemas/task.ts';
import { type Context, operation } from '../operation.ts';
import { readArn } from '../resources.ts';
import { ArnText, Name } from '../shapes.ts';

export const getActivityTask = operation({
  name: 'GetActivityTask',
  input: Type.Object({ activityArn: ArnText, workerName: Type.Optional(Name) }),
  output: Type.Object({ taskToken: Type.Optional(Type.String()), input: Type.Optional(Type.String()) }),
  errors: ['ActivityDoesNotExist', 'InvalidArn'],
  async handle({ activityArn, workerName }, context) {
    const { store, config, reject } = context;
    readArn('activity', activityArn, context);
    if (!(await store.registry.activity(activityArn))) throw reject('ActivityDoesNotExist', activityArn);
    const signal = context.client.untilClosed();
    const until = performance.now() + config.pollMs;
    for (;;) {
      const left = until - performance.now();
      const taken = left > 0 && !signal.aborted ? await context.queue.take(activityArn, left, signal) : undefined;
      if (!taken) return {};
      const task = await reserve(taken, workerName, context);
      if (!task) continue;
      handOver(taken, workerName, context);
      return { taskToken: task.taskToken, input: task.input };
    }
  },
});

/** Sets the task aside for this worker; undefined, and the job gone, when nobody wants it any more. */
async function reserve(
  taken: TakenTask,
  workerName: string | undefined,
  { store }: Context,
): Promise<PendingTask | undefined> {
  let task: PendingTask | undefined;
  try {
    task = await store.executions.reserveTask(taken.id, workerName);
  } catch (error) {
    await taken.giveBack();
    throw error;
  }
  if (!task) await taken.done();
  return task;
}

/**
 * The task has started when the worker has the answer, not before: a poll whose client has gone, noticed or not until
 * the answer is written, leaves the task to the next one.
 */
function handOver(taken: TakenTask, workerName: string | undefined, context: Context): void {
  const { client, log, requestId } = context;
  const settle = async (delivered: boolean): Promise<void> => {
    if (!delivered || !(await recordStart(taken.id, workerName, context))) return taken.giveBack();
    return taken.done();
  };
  client.onceAnswered((delivered) => {
    settle(delivered).catch((error: unknown) => {
      log.warn({ err: error, requestId, task: taken.id, delivered }, 'a job could not be let go of');
    });
  });
}

/** Store failures in a row that a start is recorded through: minutes. */
const ATTEMPTS = 100;
const PAUSE_MS = 1000;

/**
 * Tells that the worker has the task, when the store is away as soon as it is back: until then the job is kept from others, and no
 * heartbeat is expected. False when that is given up, and the task goes to another worker as well.
 */
async function recordStart(
  id: TaskId,
  workerName: string | undefined,
  { store, log, requestId }: Context,
): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      await store.executions.startTask(id, workerName);
      return true;
    } catch (error) {
      log.warn({ err: error, requestId, task: id, attempt }, 'the start of a task could not be recorded yet');
      // Nothing to stay alive for: a process that ends leaves the job to the others.
      await delay(PAUSE_MS, undefined, { ref: false });
    }
  }
  return false;
}
