import type { Webhook } from '../../schemas/webhook.ts';
import type { WebhookStore } from '../store/webhook-store.ts';
import { type Clock, repeat, systemClock } from './clock.ts';
import type { Log } from './log.ts';

/** How late a process knows of a change at most. */
const REFRESH_MS = 1000;

export interface WebhookListOptions {
  readonly store: Pick<WebhookStore, 'list' | 'get' | 'revision'>;
  readonly log: Pick<Log, 'warn'>;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** The webhooks of the deployment in memory. While the store is away they stay as they were. */
export class WebhookList {
  readonly #options: WebhookListOptions;
  readonly #listeners = new Set<() => void>();
  #webhooks: readonly Webhook[] = [];
  #revision = -1;
  #refreshing: { stop(): Promise<void> } | undefined;

  constructor(options: WebhookListOptions) {
    this.#options = options;
  }

  /** Reads them for the first time, then every second. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.#refresh();
    const { clock = systemClock, log } = this.#options;
    this.#refreshing = repeat(clock, REFRESH_MS, () =>
      this.#refresh().catch((error: unknown) => log.warn({ err: error }, 'the webhooks cannot be read; trying again')),
    );
  }

  async stop(): Promise<void> {
    await this.#refreshing?.stop();
  }

  get all(): readonly Webhook[] {
    return this.#webhooks;
  }

  /** Also one that was added just now; undefined when there is none. */
  async find(webhookId: string): Promise<Webhook | undefined> {
    return this.#webhooks.find((webhook) => webhook.webhookId === webhookId) ?? this.#options.store.get(webhookId);
  }

  /** Calls after each change. */
  onChange(call: () => void): void {
    this.#listeners.add(call);
  }

  async #refresh(): Promise<void> {
    const { store } = this.#options;
    // What changes between the two is read twice rather than never.
    const revision = await store.revision();
    if (revision === this.#revision) return;
    this.#webhooks = await store.list();
    this.#revision = revision;
    for (const call of this.#listeners) call();
  }
}
