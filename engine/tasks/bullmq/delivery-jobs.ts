import type { Job } from 'bullmq';
import type { Delivery, DeliveryReport, DeliveryStatus } from '../deliveries.ts';

/** Deliveries as jobs of BullMQ. */

/** The rest is in the name of the queue and in the id of the job. */
export type JobOfDelivery = Omit<Delivery, 'webhookId' | 'deliveryId'>;

export const jobDataOf = ({ webhookId: _queue, deliveryId: _id, ...data }: Delivery): JobOfDelivery => data;

/** The states of jobs in the order in which they are listed. */
export const SEGMENTS = {
  active: { status: 'pending', oldestFirst: true },
  waiting: { status: 'pending', oldestFirst: true },
  delayed: { status: 'pending', oldestFirst: true },
  failed: { status: 'failed', oldestFirst: false },
  completed: { status: 'delivered', oldestFirst: false },
} as const satisfies Record<string, { status: DeliveryStatus; oldestFirst: boolean }>;

export type Segment = keyof typeof SEGMENTS;

export const segmentsOf = (status: DeliveryStatus | undefined): readonly Segment[] =>
  (Object.keys(SEGMENTS) as Segment[]).filter((segment) => status === undefined || SEGMENTS[segment].status === status);

/** What the last attempt that failed left with its job. */
interface Progress {
  readonly error?: string;
  readonly responseStatus?: number;
  readonly atMs?: number;
}

export function reportOf(webhookId: string, job: Job<JobOfDelivery, number>, segment: Segment): DeliveryReport {
  const delivered = segment === 'completed';
  const { error, responseStatus, atMs = 0 } = delivered ? {} : progressOf(job);
  const status = delivered ? job.returnvalue : responseStatus;
  return {
    webhookId,
    deliveryId: job.id ?? '',
    ...job.data,
    state: SEGMENTS[segment].status,
    attempts: job.attemptsMade,
    createdMs: job.timestamp,
    ...(status !== undefined && { responseStatus: status }),
    ...(error !== undefined && { error }),
    ...(job.processedOn !== undefined && { lastAttemptMs: job.processedOn }),
    ...(segment === 'delayed' && { nextAttemptMs: atMs + job.delay }),
  };
}

const progressOf = ({ progress }: Job): Progress => (typeof progress === 'object' ? progress : {});
