import type { Attempted, Webhook, WebhookSecrets } from '../../schemas/webhook.ts';
import { attemptDelivery, GONE } from './attempt.ts';
import type { DelivererLog, DeliveryJob, DeliveryQueues, Post, WebhookSource } from './ports.ts';

export interface DelivererOptions {
  readonly webhooks: WebhookSource;
  readonly queues: DeliveryQueues;
  readonly post: Post;
  readonly secrets: Pick<WebhookSecrets, 'open'>;
  /** A receiver has said that it is gone for good. */
  disable(webhookId: string): Promise<void>;
  /** Hears of every attempt, for metrics. */
  onAttempt(made: { webhookId: string; outcome: Attempted['outcome']; ms: number }): void;
  readonly log: DelivererLog;
  /** How long a receiver may take to answer. Default 10 s. */
  readonly timeoutMs?: number;
}

export interface Deliverer {
  start(): void;
  /** Begins nothing more. Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const UNREADABLE =
  'The secret of the webhook cannot be read: STEPYARD_SECRET_KEY must be what it was when the webhook was made';

/** Sends webhooks what waits in their queues. While one is disabled its deliveries stay where they are. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { webhooks, queues, log } = options;
  const attended = new Map<string, { stop(): Promise<void> }>();
  const stopping = new Set<Promise<void>>();
  let stopped = false;

  /** What an engine that had not heard of the deletion has added meanwhile. */
  const clear = (webhookId: string): Promise<void> =>
    queues.forget(webhookId).catch((error: unknown) => {
      log.warn({ webhookId, err: error }, 'the deliveries of a deleted webhook could not be removed');
    });

  const leave = (webhookId: string): void => {
    const attendance = attended.get(webhookId);
    attended.delete(webhookId);
    if (!attendance) return;
    const isDeleted = !stopped && !find(webhooks, webhookId);
    const left = attendance.stop().then(() => (isDeleted ? clear(webhookId) : undefined));
    stopping.add(left);
    void left.finally(() => stopping.delete(left));
  };

  const follow = (): void => {
    if (stopped) return;
    const enabled = new Set(webhooks.all.filter((webhook) => webhook.enabled).map(({ webhookId }) => webhookId));
    for (const webhookId of attended.keys()) if (!enabled.has(webhookId)) leave(webhookId);
    for (const webhookId of enabled) {
      if (attended.has(webhookId)) continue;
      const attendance = queues.attend(webhookId, (delivery) => attempt(webhookId, delivery, options));
      attended.set(webhookId, attendance);
    }
  };

  return {
    start() {
      webhooks.onChange(follow);
      follow();
    },
    async stop() {
      stopped = true;
      for (const webhookId of attended.keys()) leave(webhookId);
      await Promise.all(stopping);
    },
  };
}

const find = ({ all }: WebhookSource, webhookId: string): Webhook | undefined =>
  all.find((webhook) => webhook.webhookId === webhookId);

/** Attempts one delivery, and draws the consequences. */
async function attempt(webhookId: string, delivery: DeliveryJob, options: DelivererOptions): Promise<Attempted> {
  const webhook = find(options.webhooks, webhookId);
  if (!webhook) return { outcome: 'failed', error: 'The webhook was deleted', final: true };
  const begunMs = performance.now();
  const attempted = await send(webhook, delivery, options);
  options.onAttempt({ webhookId, outcome: attempted.outcome, ms: performance.now() - begunMs });
  if (attempted.outcome === 'failed' && attempted.responseStatus === GONE) {
    options.log.warn({ webhookId, url: webhook.url }, 'the receiver of a webhook is gone: the webhook is disabled');
    await options.disable(webhookId);
  }
  return attempted;
}

async function send(
  { webhookId, url, secret: kept }: Webhook,
  delivery: DeliveryJob,
  { secrets, post, timeoutMs = TIMEOUT_MS }: DelivererOptions,
): Promise<Attempted> {
  const secret = secrets.open(kept, webhookId);
  if (secret === undefined) return { outcome: 'failed', error: UNREADABLE, final: false };
  return attemptDelivery({ url, secret }, delivery, post, timeoutMs);
}
