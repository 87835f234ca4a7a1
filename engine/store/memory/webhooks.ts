import { MAX_WEBHOOKS, type Webhook } from '../../../schemas/webhook.ts';
import type { WebhookStore } from '../webhook-store.ts';
import type { StoreClock } from './clock.ts';

export class MemoryWebhooks implements WebhookStore {
  readonly #clock: StoreClock;
  /** As JSON texts, by id. */
  readonly #webhooks = new Map<string, string>();
  #revision = 0;

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async create(webhook: Omit<Webhook, 'createdMs'>): Promise<Webhook | 'full'> {
    if (this.#webhooks.size >= MAX_WEBHOOKS) return 'full';
    return this.#keep({ ...webhook, createdMs: this.#clock.now() });
  }

  async list(): Promise<readonly Webhook[]> {
    return [...this.#webhooks.values()].map(read);
  }

  async get(webhookId: string): Promise<Webhook | undefined> {
    const kept = this.#webhooks.get(webhookId);
    return kept === undefined ? undefined : read(kept);
  }

  async update(webhookId: string, change: (webhook: Webhook) => Webhook): Promise<Webhook | undefined> {
    const kept = this.#webhooks.get(webhookId);
    return kept === undefined ? undefined : this.#keep(change(read(kept)));
  }

  async delete(webhookId: string): Promise<boolean> {
    if (!this.#webhooks.delete(webhookId)) return false;
    this.#revision += 1;
    return true;
  }

  async revision(): Promise<number> {
    return this.#revision;
  }

  #keep(webhook: Webhook): Webhook {
    const text = JSON.stringify(webhook);
    this.#webhooks.set(webhook.webhookId, text);
    this.#revision += 1;
    return read(text);
  }
}

const read = (text: string): Webhook => JSON.parse(text) as Webhook;
