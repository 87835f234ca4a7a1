import type { Redis } from 'ioredis';

/** What the parts of the BullMQ queue share. */
export interface QueueContext {
  /** The one connection of this process for everything that does not block. */
  readonly connection: Redis;
  /** Begins every Redis key of the queues. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
  /**
   * How long a job that was taken stays ours unless its lock is extended. A process that dies keeps a job from the others
   * for this long, plus one interval of the stalled check.
   */
  readonly lockMs: number;
}

/** BullMQ fails a job that stalled more often than this. The engine alone decides how a task ends, so never. */
export const MAX_STALLED = 2 ** 31;

/**
 * The hash tag spreads queues over a Redis Cluster while all keys of one queue stay on one node.
 */
export const bullmqQueueName = (name: string): string => `{${name}}`;

/** A job's id carries all there is to know of a task; only what a holder noted down is data. */
export interface JobData {
  readonly note?: string;
}
