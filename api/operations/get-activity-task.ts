import Type from 'typebox';
import type { TakenTask } from '../../engine/tasks/queue.ts';
import type { PendingTask } from '../../schemas/task.ts';
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
function handOver(taken: TakenTask, workerName: string | undefined, { client, store, log, requestId }: Context): void {
  const settle = async (delivered: boolean): Promise<void> => {
    if (!delivered) return taken.giveBack();
    await store.executions.startTask(taken.id, workerName);
    return taken.done();
  };
  client.onceAnswered((delivered) => {
    settle(delivered).catch((error: unknown) => {
      // The job stays with this process until its lock ends; then the store offers the task again.
      log.warn({ err: error, requestId, task: taken.id, delivered }, 'task hand-over not recorded');
    });
  });
}
