import { setTimeout as delay } from 'node:timers/promises';
import Type from 'typebox';
import type { ActivityTask } from '../../engine/index.ts';
import type { PendingTask, TaskId } from '../../schemas/task.ts';
import { apiError } from '../errors.ts';
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
    const activity = await store.registry.activity(activityArn);
    if (!activity) throw reject('ActivityDoesNotExist', activityArn);
    const signal = context.client.untilClosed();
    const until = performance.now() + config.pollMs;
    for (;;) {
      const left = until - performance.now();
      const taken =
        left > 0 && !signal.aborted ? await context.handOuts.take(activity, left, signal, workerName) : undefined;
      if (!taken) return {};
      const task = await reserve(taken, workerName, context);
      if (!task) continue;
      tellTrace(task, context);
      handOver(taken, workerName, context);
      return { taskToken: task.taskToken, input: task.input };
    }
  },
});

/** The answer has no member for it: SDKs hand out headers, and tools that trace them read it there. */
function tellTrace(task: PendingTask, { client, traceparentOf }: Context): void {
  const traceparent = traceparentOf?.(task);
  if (traceparent !== undefined) client.addHeader('traceparent', traceparent);
}

/**
 * Sets the task aside for this worker; undefined when nobody wants it any more, and the job is gone, and when the limits of the
 * activity do not let it be handed out after all.
 */
async function reserve(
  taken: ActivityTask,
  workerName: string | undefined,
  { store, isStillKnown }: Context,
): Promise<PendingTask | undefined> {
  try {
    // Its key may have been revoked while it waited: it could not answer for the task.
    if (!(await isStillKnown())) throw apiError('UnrecognizedClientException');
    const task = await store.executions.reserveTask(taken.id, workerName, taken.permitOf);
    if (!task) await taken.done();
    else if (await taken.admit()) return task;
    else await taken.giveBack();
    return undefined;
  } catch (error) {
    await taken.giveBack();
    throw error;
  }
}

/**
 * The task has started when the worker has the answer, not before: a poll whose client has gone, noticed or not until
 * the answer is written, leaves the task to the next one.
 */
function handOver(taken: ActivityTask, workerName: string | undefined, context: Context): void {
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
