import type { Attempted, Webhook } from '../../schemas/webhook.ts';

/** What the deliverer needs from the rest of the system. */

export interface WebhookSource {
  /** Those that are there now. */
  readonly all: readonly Webhook[];
  /** Calls after each change. */
  onChange(call: () => void): void;
}

/** One thing that a webhook is to be sent. */
export interface DeliveryJob {
  readonly eventId: string;
  readonly body: string;
}

export interface DeliveryQueues {
  attend(webhookId: string, attempt: (delivery: DeliveryJob) => Promise<Attempted>): { stop(): Promise<void> };
  /** Removes all deliveries of a webhook. */
  forget(webhookId: string): Promise<void>;
}

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Posts without following redirects. @throws Error when no answer came, also when the signal aborts */
export type Post = (request: PostRequest) => Promise<{ readonly status: number }>;

export interface DelivererLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
