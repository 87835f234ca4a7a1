import type { PendingTask, TaskId } from '../../schemas/task.ts';

/**
 * The place of a task in its queue: tasks with a number come in the order of their numbers, after those without one. Undefined
 * for tasks that come in the order in which they were added.
 */
export type PriorityOf = (task: PendingTask) => number | undefined;

/**
 * The dispatch port: queues of tasks that no worker has yet. Implementations: memory and BullMQ.
 * A queue holds references; the task itself stays in the store, which alone decides whether it is still wanted.
 */
export interface TaskQueue {
  /** Puts tasks into the queues of their resources. Repeating one is harmless. Resolves when the queues have them. */
  add(tasks: readonly PendingTask[]): Promise<void>;

  /**
   * Waits for a task of the resource, up to `waitMs` or until the signal aborts; then undefined. Any number of callers wait in memory:
   * at most one blocking reader per process and resource. A job is taken only while somebody waits.
   */
  take(resource: string, waitMs: number, signal: AbortSignal): Promise<TakenTask | undefined>;

  /** Ends connections; waiting callers get undefined. */
  close(): Promise<void>;
}

/** How much lies in the queues. */
export interface QueueStatistics {
  /** Of the queue of a resource. */
  depth(resource: string): Promise<QueueDepth>;
}

export interface QueueDepth {
  /** Tasks that nobody has taken. */
  readonly tasks: number;
  /** For how long the oldest of them has been there, in milliseconds; undefined when there is none. */
  readonly oldestMs: number | undefined;
}

/** A job that this process holds. Exactly one of the two must be called; a process that dies does the second by dying. */
export interface TakenTask {
  readonly id: TaskId;
  /** What the process that held the job before noted down with {@link keep}, if it died. */
  readonly note: string | undefined;
  /** Notes a text down with the job, so that it comes again with the job if this process dies. */
  keep(note: string): Promise<void>;
  /** The worker has it, or nobody wants it any more: the job goes. */
  done(): Promise<void>;
  /** It did not reach a worker: the next one gets it. */
  giveBack(): Promise<void>;
}
