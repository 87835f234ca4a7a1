import type { Attempted } from '../../schemas/webhook.ts';

/**
 * The port to the queues of webhooks: what they are to be sent, until they have it. It is implemented on BullMQ. Each webhook
 * has a queue of its own, so that a receiver that is slow or away holds up nobody else.
 */
export interface DeliveryQueue {
  /** Puts deliveries into the queues of their webhooks. One that is there already stays as it is. Resolves when the queues have them. */
  add(deliveries: readonly Delivery[]): Promise<void>;

  /**
   * Has the deliveries of a webhook attempted in this process, several at a time, until it is told to stop. One that fails is attempted
   * again later, further apart each time, as often as the queue's settings say. One whose process died is attempted again soon.
   */
  attend(webhookId: string, attempt: (delivery: Delivery) => Promise<Attempted>): Attendance;

  /** What is and was to be sent: at first what is under way, then what failed, then what arrived, the latest first. */
  list(webhookId: string, page: DeliveryPage): Promise<{ deliveries: readonly DeliveryReport[]; cursor?: string }>;

  /** Sends once more what has ended, or at once what waits for its next attempt. `busy`: it is at it. Undefined: there is no such delivery. */
  redeliver(webhookId: string, deliveryId: string): Promise<'accepted' | 'busy' | undefined>;

  /** How many are to be attempted, and how many were given up and are kept. */
  counts(webhookId: string): Promise<{ readonly pending: number; readonly failed: number }>;

  /** Removes everything of a webhook. */
  forget(webhookId: string): Promise<void>;

  /** Ends connections. */
  close(): Promise<void>;
}

export interface Delivery {
  readonly webhookId: string;
  /** Names it among the deliveries of its webhook. */
  readonly deliveryId: string;
  /** The same for every webhook and every attempt. */
  readonly eventId: string;
  /** What is sent: a JSON text. */
  readonly body: string;
  /** It is attempted once, whatever comes of it. */
  readonly once?: true;
  /** The change that is told; absent when it only tells that the webhook works. */
  readonly executionArn?: string;
  readonly status?: string;
}

export interface Attendance {
  /** Begins nothing more. Resolves when the attempts under way have ended. */
  stop(): Promise<void>;
}

export const DELIVERY_STATUSES = ['pending', 'failed', 'delivered'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface DeliveryPage {
  readonly status?: DeliveryStatus;
  readonly limit: number;
  /** Where the page before ended. */
  readonly cursor?: string;
}

export interface DeliveryReport extends Delivery {
  readonly state: DeliveryStatus;
  readonly attempts: number;
  readonly createdMs: number;
  /** What the last attempt brought. */
  readonly responseStatus?: number;
  readonly error?: string;
  readonly lastAttemptMs?: number;
  readonly nextAttemptMs?: number;
}
