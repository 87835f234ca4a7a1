import type { Redis } from 'ioredis';
import { queueName } from '../../schemas/resource.ts';
import { readDepth } from './bullmq/depth.ts';
import { Producer } from './bullmq/producer.ts';
import { Readers } from './bullmq/readers.ts';
import type { QueueContext } from './bullmq/settings.ts';
import type { PriorityOf, QueueStatistics, TaskQueue } from './queue.ts';

export interface BullmqTaskQueueOptions {
  /** A connection to the Redis of the queues. It is duplicated, never used itself, and stays the caller's. */
  readonly connection: Redis;
  /** Begins every Redis key of the queues. */
  readonly prefix?: string;
  /** Hears of what went wrong and was dealt with. */
  readonly onError?: (error: Error) => void;
  /** How long a job stays with a process that died. */
  readonly lockMs?: number;
  readonly priorityOf?: PriorityOf;
  /** How long a queue without callers keeps its blocking connection. */
  readonly idleMs?: number;
}

/** The TaskQueue on BullMQ: one BullMQ queue per activity, one for everything that the task runner performs. */
export function createBullmqTaskQueue(options: BullmqTaskQueueOptions): TaskQueue & QueueStatistics {
  const onError = options.onError ?? (() => {});
  // Without a limit on retries, what is asked while Redis is away waits for it instead of failing.
  const connection = options.connection.duplicate({ maxRetriesPerRequest: null, enableAutoPipelining: false });
  connection.on('error', onError);
  const { prefix = 'stepyard', lockMs = 10_000, idleMs = 60_000 } = options;
  const context: QueueContext = { connection, prefix, onError, lockMs };
  const producer = new Producer(context, options.priorityOf);
  const readers = new Readers(context, idleMs);
  const close = async () => {
    await readers.close();
    await producer.close();
    connection.disconnect();
  };
  let closing: Promise<void> | undefined;

  return {
    async add(tasks) {
      const added = producer.add(tasks);
      readers.hint(tasks);
      await added;
    },
    take: (resource, waitMs, signal) => readers.take(queueName(resource), waitMs, signal),
    depth: (resource) => readDepth(context, queueName(resource)),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
