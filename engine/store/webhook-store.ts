import type { Webhook } from '../../schemas/webhook.ts';

/** The webhooks of a deployment: few, read as a whole by every engine. */
export interface WebhookStore {
  /** Adds one, unless there are as many as there may be (`MAX_WEBHOOKS`): then `full`. */
  create(webhook: Omit<Webhook, 'createdMs'>): Promise<Webhook | 'full'>;
  /** All of them, the oldest first. */
  list(): Promise<readonly Webhook[]>;
  get(webhookId: string): Promise<Webhook | undefined>;
  /**
   * Makes a webhook what `change` makes of it; it may be asked again when others change it at the same time. Answers it as it is
   * then; undefined when there is no such webhook.
   */
  update(webhookId: string, change: (webhook: Webhook) => Webhook): Promise<Webhook | undefined>;
  /** False when there is no such webhook. */
  delete(webhookId: string): Promise<boolean>;
  /** Another number after each change of any of them. */
  revision(): Promise<number>;
}
