import type { ExecutionRecord } from '../../schemas/execution.ts';
import type { PerformTask } from '../../schemas/task.ts';
import type { Limits } from '../interpreter/limits.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { MachineCache } from '../runtime/machine-cache.ts';
import type { Registry } from '../store/store.ts';
import type { LogSettings } from './execution-log.ts';
import { type Ended, ExpressExecution } from './express-execution.ts';
import { MAX_EXPRESS_EXECUTIONS, MAX_EXPRESS_TASKS } from './express-limits.ts';
import { Turns } from './turns.ts';

export interface ExpressOptions {
  /** Where the definitions are. */
  readonly registry: Registry;
  /** Performs a task with the integration of its resource. */
  readonly perform: PerformTask;
  readonly limits: Limits;
  readonly log: Log;
  /** Default the system's. */
  readonly clock?: Clock;
  /** The time of day in epoch milliseconds. Default the system's. */
  readonly timeOfDay?: () => number;
  readonly maxExecutions?: number;
  readonly maxTasks?: number;
}

export interface ExpressRunner {
  /**
   * Begins an Express execution in this process. `busy`: so many run that this one has to come again later.
   *
   * @throws StoreUnavailable before anything has begun
   */
  start(record: Omit<ExecutionRecord, 'startMs'>, logging: LogSettings): Promise<ExpressStart>;
  /** Waits until nothing runs, but no longer than so many milliseconds; what runs then fails, and nothing begins any more. */
  stop(drainMs: number): Promise<void>;
}

export type ExpressStart =
  | { readonly outcome: 'started'; readonly startMs: number; readonly ended: Promise<Ended> }
  | { readonly outcome: 'busy' | 'stopped' };

const CUT_OFF = 'The process that ran the execution was stopped.';

/** Runs Express executions: in memory, in the process that accepted them, each at most once. */
export function createExpressRunner(options: ExpressOptions): ExpressRunner {
  const { registry, perform, limits, log, clock = systemClock, timeOfDay = Date.now } = options;
  const { maxExecutions = MAX_EXPRESS_EXECUTIONS, maxTasks = MAX_EXPRESS_TASKS } = options;
  const machines = new MachineCache(registry);
  const ports = { perform, limits, log, clock, turns: new Turns(maxTasks) };
  const running = new Set<ExpressExecution>();
  let stopped = false;

  const allEnded = (): Promise<unknown> => Promise.all([...running].map(({ ended }) => ended));

  return {
    async start(record, logging) {
      const machine = await machines.get(record.revisionId);
      if (stopped) return { outcome: 'stopped' };
      if (running.size >= maxExecutions) return { outcome: 'busy' };
      const startMs = timeOfDay();
      const execution = new ExpressExecution({ ...record, startMs }, machine, logging, ports);
      const { ended } = execution;
      running.add(execution);
      void ended.then(() => running.delete(execution));
      execution.start();
      return { outcome: 'started', startMs, ended };
    },

    async stop(drainMs) {
      const { promise: drained, resolve } = Promise.withResolvers<void>();
      const callOff = clock.after(drainMs, () => {
        stopped = true;
        resolve();
      });
      // Those that run may start others.
      while (running.size > 0 && !stopped) await Promise.race([drained, allEnded()]);
      callOff();
      stopped = true;
      for (const execution of running) execution.cutOff(CUT_OFF);
      await allEnded();
    },
  };
}
