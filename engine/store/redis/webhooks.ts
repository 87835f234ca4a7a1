import type { Redis } from 'ioredis';
import { MAX_WEBHOOKS, type Webhook } from '../../../schemas/webhook.ts';
import type { WebhookStore } from '../webhook-store.ts';
import { decodeTime } from './codec.ts';
import type { RegistryKeys } from './keys.ts';
import { asList, asNumber, asText, call, run, scripts } from './scripts.ts';

/** The field that counts the changes. */
const REVISION = '#';

export class RedisWebhooks implements WebhookStore {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, { webhooks }: RegistryKeys) {
    this.#redis = redis;
    this.#key = webhooks;
  }

  async create(webhook: Omit<Webhook, 'createdMs'>): Promise<Webhook | 'full'> {
    const created = { ...webhook, createdMs: decodeTime(await call(this.#redis, 'TIME', [])) };
    const answer = await this.#change(webhook.webhookId, '', JSON.stringify(created));
    return answer === -1 ? 'full' : created;
  }

  async list(): Promise<readonly Webhook[]> {
    const fields = asList(await call(this.#redis, 'HGETALL', [this.#key])).map(asText);
    const texts = fields.filter((_text, index) => index % 2 === 1 && fields[index - 1] !== REVISION);
    return texts.map(read).sort((a, b) => a.createdMs - b.createdMs || (a.webhookId < b.webhookId ? -1 : 1));
  }

  async get(webhookId: string): Promise<Webhook | undefined> {
    const kept = await this.#kept(webhookId);
    return kept === '' ? undefined : read(kept);
  }

  async update(webhookId: string, change: (webhook: Webhook) => Webhook): Promise<Webhook | undefined> {
    for (;;) {
      const before = await this.#kept(webhookId);
      if (before === '') return undefined;
      const after = JSON.stringify(change(read(before)));
      if ((await this.#change(webhookId, before, after)) === 1) return read(after);
    }
  }

  async delete(webhookId: string): Promise<boolean> {
    for (;;) {
      const before = await this.#kept(webhookId);
      if (before === '') return false;
      if ((await this.#change(webhookId, before, '')) === 1) return true;
    }
  }

  async revision(): Promise<number> {
    const revision = await call(this.#redis, 'HGET', [this.#key, REVISION]);
    return revision === null ? 0 : Number(asText(revision));
  }

  /** The empty text when there is none. */
  async #kept(webhookId: string): Promise<string> {
    const kept = await call(this.#redis, 'HGET', [this.#key, webhookId]);
    return kept === null || webhookId === REVISION ? '' : asText(kept);
  }

  async #change(webhookId: string, before: string, after: string): Promise<number> {
    return asNumber(
      await run(this.#redis, scripts.changeWebhook, [this.#key], [webhookId, before, after, MAX_WEBHOOKS]),
    );
  }
}

const read = (text: string): Webhook => JSON.parse(text) as Webhook;
