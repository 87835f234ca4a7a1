import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ERROR } from '../../schemas/errors.ts';
import { describeResource } from '../../schemas/resource.ts';
import {
  type PendingTask,
  type PerformTask,
  parseTaskToken,
  type Submission,
  type TaskRequest,
  type TaskResult,
  type TaskToken,
} from '../../schemas/task.ts';
import type { RunnerJob, RunnerLog, RunnerTasks } from './ports.ts';
import { watchTask } from './watch-task.ts';

export interface RunContext {
  readonly tasks: RunnerTasks;
  readonly perform: PerformTask;
  readonly log: RunnerLog;
  /** The span of a task (W3C Trace Context); there is none unless traces are collected. */
  readonly traceparentOf?: ((task: PendingTask) => string | undefined) | undefined;
}

/** Between attempts while the store does not answer. */
const PAUSE_MS = 1_000;

/**
 * Runs one job to its end: started in the history, performed, its result handed in. Cut off or failed on the way,
 * it goes back to its queue, so a task is performed at least once.
 */
export async function runJob(job: RunnerJob, context: RunContext, cutOff: AbortSignal): Promise<void> {
  try {
    const task = await begin(job, context.tasks);
    if (task) await performTask(task, context, cutOff);
  } catch (error) {
    if (!cutOff.aborted) {
      context.log.warn({ err: error, task: job.id }, 'A task goes back to its queue');
      await delay(PAUSE_MS, undefined, { signal: cutOff }).catch(() => {});
    }
    await job.giveBack();
    return;
  }
  await job.done();
}

/**
 * The task, started; undefined when nobody wants it any more. Once started, the store hands it to nobody again: so
 * before that it is noted down with the job, for whoever gets the job should this process die.
 */
async function begin(job: RunnerJob, tasks: RunnerTasks): Promise<PendingTask | undefined> {
  const task = job.note === undefined ? await tasks.reserveTask(job.id) : (JSON.parse(job.note) as PendingTask);
  if (!task) return undefined;
  if (job.note === undefined) await job.keep(JSON.stringify(task));
  return (await tasks.startTask(job.id)) ? task : undefined;
}

async function performTask(task: PendingTask, context: RunContext, cutOff: AbortSignal): Promise<void> {
  const { tasks, perform, log } = context;
  const token = parseTaskToken(task.taskToken);
  if (!token) {
    log.error({ task: task.id }, 'Dropped a task whose token cannot be read');
    return;
  }
  const watch = watchTask(task, () => tasks.heartbeatTask(token));
  const signal = AbortSignal.any([cutOff, watch.unwanted]);
  let outcome: Awaited<ReturnType<PerformTask>>;
  try {
    outcome = await perform(requestOf(task, context), signal);
  } catch (error) {
    if (watch.unwanted.aborted) return;
    if (cutOff.aborted) throw error;
    log.error({ err: error, resource: task.resource }, 'An integration failed by mistake');
    outcome = {
      type: 'failed',
      error: ERROR.taskFailed,
      cause: error instanceof Error ? error.message : String(error),
    };
  } finally {
    watch.end();
  }
  // Whatever the answers: a task that was closed meanwhile needs no result.
  if (outcome.type === 'submitted') {
    return handIn(() => submit(token, outcome, tasks), log, cutOff);
  }
  const result = describeResource(task.resource)?.pattern === 'requestResponse' ? outcome : notSubmitted(outcome);
  const requestId = randomUUID();
  await handIn(() => tasks.settleTask(token, result, requestId), log, cutOff);
}

function requestOf(task: PendingTask, { traceparentOf }: RunContext): TaskRequest {
  const { resource, input, taskToken } = task;
  const traceparent = traceparentOf?.(task);
  return { resource, input, taskToken, ...(traceparent !== undefined && { traceparent }) };
}

/** When the task was closed meanwhile, what was started for it is left to its notice: it is stopped. */
async function submit(token: TaskToken, { output, childArn }: Submission, tasks: RunnerTasks): Promise<void> {
  const answer = await tasks.submitTask(token, { output, ...(childArn !== undefined && { childArn }) });
  if (childArn !== undefined && answer === 'accepted') await tasks.startHeard(childArn);
}

/** A task that waits for what it begins has failed before that was begun. */
const notSubmitted = (result: TaskResult): TaskResult =>
  result.type === 'failed' ? { ...result, submitting: true } : result;

/** What came out is not given up while the store is away: the work is done and may not be done twice without need. */
async function handIn(send: () => Promise<unknown>, log: RunnerLog, cutOff: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      if (cutOff.aborted) throw error;
      log.warn({ err: error }, 'A result could not be handed in yet');
      await delay(PAUSE_MS, undefined, { signal: cutOff });
    }
  }
}
