import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Attempted } from '../../schemas/webhook.ts';
import { type JobOfDelivery, jobDataOf, reportOf, SEGMENTS, type Segment, segmentsOf } from './bullmq/delivery-jobs.ts';
import { bullmqQueueName, MAX_STALLED, type QueueContext } from './bullmq/settings.ts';
import type { Delivery, DeliveryPage, DeliveryQueue, DeliveryReport } from './deliveries.ts';

export interface BullmqDeliveryQueueOptions {
  /** A connection to the Redis of the queues. It is duplicated, never used itself, and stays the caller's. */
  readonly connection: Redis;
  /** Begins every Redis key of the queues. */
  readonly prefix?: string;
  /** Hears of what went wrong and was dealt with. */
  readonly onError: (error: Error) => void;
  /** How long a delivery stays with a process that died. */
  readonly lockMs: number;
  /** How often a delivery is attempted before it is given up. */
  readonly attempts: number;
  /** Between the first attempt and the second, at most; twice as long after each further one. */
  readonly retryMs: number;
}

/** Attempts of one webhook in one process at a time. */
const CONCURRENCY = 8;
/** Deliveries that have ended are kept to be looked at and to be sent once more. */
const KEEP_DELIVERED = { count: 200, age: 7 * 86_400 };
const KEEP_FAILED = { count: 1000, age: 30 * 86_400 };
/** Entries of a queue's event stream, which nothing reads. */
const MAX_EVENTS = 100;
/** Receivers that were away together are not asked again together: a delay is between half and all of what it could be. */
const JITTER = 0.5;

type DeliveryJobs = Queue<JobOfDelivery, number>;

/** The deliveries on BullMQ: one queue per webhook. */
export function createBullmqDeliveryQueue(options: BullmqDeliveryQueueOptions): DeliveryQueue {
  const { onError, prefix = 'stepyard', lockMs } = options;
  const connection = options.connection.duplicate({ maxRetriesPerRequest: null, enableAutoPipelining: false });
  connection.on('error', onError);
  const queues = createQueues({ connection, prefix, onError, lockMs });
  const attendances = new Set<{ stop(): Promise<void> }>();

  return {
    async add(deliveries) {
      await Promise.all(deliveries.map((delivery) => addOne(queues.of(delivery.webhookId), delivery, options)));
    },
    attend(webhookId, attempt) {
      const worker = attendTo(webhookId, attempt, { connection, prefix, onError, lockMs });
      const attendance = {
        async stop() {
          attendances.delete(attendance);
          await worker.close();
        },
      };
      attendances.add(attendance);
      return attendance;
    },
    list: (webhookId, page) => listPage(queues.of(webhookId), webhookId, page),
    redeliver: (webhookId, deliveryId) => redeliver(queues.of(webhookId), deliveryId),
    async counts(webhookId) {
      const counts = await queues.of(webhookId).getJobCounts('active', 'waiting', 'delayed', 'failed');
      const of = (type: string): number => counts[type] ?? 0;
      return { pending: of('active') + of('waiting') + of('delayed'), failed: of('failed') };
    },
    async forget(webhookId) {
      await queues.of(webhookId).obliterate({ force: true });
      await queues.drop(webhookId);
    },
    async close() {
      await Promise.all([...attendances].map((attendance) => attendance.stop()));
      await queues.close();
      connection.disconnect();
    },
  };
}

/** The queues that were used; there are no more than webhooks. */
function createQueues({ connection, prefix, onError }: QueueContext) {
  const queues = new Map<string, DeliveryJobs>();
  const open = (webhookId: string): DeliveryJobs => {
    const queue: DeliveryJobs = new Queue(nameOf(webhookId), {
      connection,
      prefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: MAX_EVENTS } },
    });
    queue.on('error', onError);
    queues.set(webhookId, queue);
    return queue;
  };
  return {
    of: (webhookId: string): DeliveryJobs => queues.get(webhookId) ?? open(webhookId),
    async drop(webhookId: string): Promise<void> {
      const queue = queues.get(webhookId);
      queues.delete(webhookId);
      await queue?.close();
    },
    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

const nameOf = (webhookId: string): string => bullmqQueueName(`webhook-${webhookId}`);

async function addOne(
  queue: DeliveryJobs,
  delivery: Delivery,
  { attempts, retryMs }: Pick<BullmqDeliveryQueueOptions, 'attempts' | 'retryMs'>,
): Promise<void> {
  await queue.add('delivery', jobDataOf(delivery), {
    jobId: delivery.deliveryId,
    attempts: delivery.once ? 1 : attempts,
    backoff: { type: 'exponential', delay: retryMs, jitter: JITTER },
    removeOnComplete: KEEP_DELIVERED,
    removeOnFail: KEEP_FAILED,
    stackTraceLimit: 0,
  });
}

function attendTo(
  webhookId: string,
  attempt: (delivery: Delivery) => Promise<Attempted>,
  { connection, prefix, onError, lockMs }: QueueContext,
): Worker<JobOfDelivery, number> {
  const perform = async (job: Job<JobOfDelivery, number>): Promise<number> => {
    const attempted = await attempt(reportOf(webhookId, job, 'active'));
    if (attempted.outcome === 'delivered') return attempted.responseStatus;
    const { error, responseStatus } = attempted;
    await job.updateProgress({ error, atMs: Date.now(), ...(responseStatus !== undefined && { responseStatus }) });
    throw attempted.final ? new UnrecoverableError(error) : new Error(error);
  };
  const worker = new Worker<JobOfDelivery, number>(nameOf(webhookId), perform, {
    connection,
    prefix,
    skipVersionCheck: true,
    concurrency: CONCURRENCY,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: MAX_STALLED,
  });
  worker.on('error', onError);
  return worker;
}

async function listPage(
  queue: DeliveryJobs,
  webhookId: string,
  { status, limit, cursor }: DeliveryPage,
): Promise<{ deliveries: readonly DeliveryReport[]; cursor?: string }> {
  const deliveries: DeliveryReport[] = [];
  const [from, start] = cursor?.split(' ') ?? [];
  const wanted = segmentsOf(status);
  for (const segment of wanted.slice(Math.max(0, wanted.indexOf(from as Segment)))) {
    const first = segment === from && /^\d{1,9}$/.test(start ?? '') ? Number(start) : 0;
    const missing = limit - deliveries.length;
    // One more than is told shows whether there is another page.
    const jobs = await queue.getJobs([segment], first, first + missing, SEGMENTS[segment].oldestFirst);
    const there = jobs.filter((job) => job?.id !== undefined);
    deliveries.push(...there.slice(0, missing).map((job) => reportOf(webhookId, job, segment)));
    if (jobs.length > missing) return { deliveries, cursor: `${segment} ${first + missing}` };
  }
  return { deliveries };
}

async function redeliver(queue: DeliveryJobs, deliveryId: string): Promise<'accepted' | 'busy' | undefined> {
  // Jobs lie beside what else the queue has: a name of that is no job's.
  const job = Object.hasOwn(queue.keys, deliveryId) ? undefined : await queue.getJob(deliveryId);
  if (!job) return undefined;
  const state = await job.getState();
  if (state === 'waiting') return 'accepted';
  try {
    if (state === 'failed' || state === 'completed') await job.retry(state, ANEW);
    else if (state === 'delayed') await job.promote();
    else return 'busy';
  } catch {
    // It has gone on since it was looked at.
    return 'busy';
  }
  return 'accepted';
}

const ANEW = { resetAttemptsMade: true, resetAttemptsStarted: true };
