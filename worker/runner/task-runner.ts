import { setTimeout as delay } from 'node:timers/promises';
import { RUNNER_QUEUE } from '../../schemas/resource.ts';
import type { PerformTask } from '../../schemas/task.ts';
import type { RunnerLog, RunnerQueue, RunnerTasks } from './ports.ts';
import { type RunContext, runJob } from './run-job.ts';

export interface TaskRunnerOptions {
  readonly queue: RunnerQueue;
  readonly tasks: RunnerTasks;
  /** Performs a task with the integration of its resource. */
  readonly perform: PerformTask;
  /** How many tasks run at a time in this process. */
  readonly concurrency: number;
  readonly log: RunnerLog;
  /** The span of a task, for whoever does it. */
  readonly traceparentOf?: RunContext['traceparentOf'];
}

export interface TaskRunner {
  start(): void;
  /**
   * Takes no more tasks and waits for those that run. What still runs after `drainMs` is cut off and goes back
   * to its queue. Resolves when nothing runs any more.
   */
  stop(drainMs: number): Promise<void>;
}

/** How long one wait for a task lasts; only bounds how long a lost wake-up could hurt. */
const TAKE_MS = 60_000;

/** After the queue failed, before it is asked again. */
const PAUSE_MS = 500;

/** Runs the tasks of all resources that are not activities. */
export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const { queue, concurrency, log } = options;
  const stopping = new AbortController();
  const cutOff = new AbortController();
  let lanes: Promise<void>[] = [];

  const lane = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const job = await queue.take(RUNNER_QUEUE, TAKE_MS, stopping.signal);
        if (job) await runJob(job, options, cutOff.signal);
      } catch (error) {
        log.error({ err: error }, 'The task runner could not take a task');
        await delay(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };

  return {
    start() {
      if (lanes.length === 0) lanes = Array.from({ length: concurrency }, lane);
    },

    async stop(drainMs) {
      stopping.abort();
      const timer = setTimeout(() => cutOff.abort(), drainMs);
      await Promise.all(lanes);
      clearTimeout(timer);
    },
  };
}
