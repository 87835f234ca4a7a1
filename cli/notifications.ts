import { createSeal } from '../api/auth/seal.ts';
import type { WebhookDeps } from '../api/webhooks.ts';
import { type Announcer, createAnnouncer, type Log, type Store, TELEMETRY, WebhookList } from '../engine/index.ts';
import { createAgents, mayReach } from '../engine/integrations/address-guard.ts';
import { post } from '../engine/integrations/http-post.ts';
import { connect } from '../engine/store/redis/connect.ts';
import { createBullmqDeliveryQueue } from '../engine/tasks/bullmq-deliveries.ts';
import { allowsPrivateNetworks, type Config } from '../schemas/config.ts';
import { createDeliverer } from '../worker/webhooks/deliverer.ts';
import { createWebhookSecrets } from './webhook-secrets.ts';

/** What a process has to do with webhooks. */
export interface Notifications {
  /** For the engine. */
  readonly announcer: Announcer;
  /** For the API. */
  readonly webhooks: WebhookDeps;
  /** For the worker: begins to send. */
  deliver(): { stop(): Promise<void> };
  stop(): Promise<void>;
}

interface Parts {
  readonly redisUrl: string;
  readonly store: Store;
  readonly onError: (error: Error) => void;
  readonly log: Log;
}

/** Reads the webhooks and keeps up with them. @throws StoreUnavailable */
export async function openNotifications(
  config: Config,
  { redisUrl, store, onError, log }: Parts,
): Promise<Notifications> {
  const list = new WebhookList({ store: store.webhooks, log });
  await list.start();
  const { webhookAttempts: attempts, webhookRetryMs: retryMs, leaseMs: lockMs, secretKey } = config;
  const secrets = createWebhookSecrets(secretKey === undefined ? undefined : createSeal(secretKey));
  const connection = connect(redisUrl, 'owner', onError);
  const deliveries = createBullmqDeliveryQueue({ connection, onError, lockMs, attempts, retryMs });
  const allowPrivate = allowsPrivateNetworks(config);
  return {
    announcer: createAnnouncer(list, deliveries),
    webhooks: { deliveries, secrets, reaches: (host) => mayReach(host, allowPrivate) },
    deliver() {
      const agents = createAgents(allowPrivate);
      const deliverer = createDeliverer({
        webhooks: list,
        queues: deliveries,
        post: (request) => post(request, agents),
        secrets,
        disable: async (webhookId) => {
          await store.webhooks.update(webhookId, (webhook) => ({ ...webhook, enabled: false }));
        },
        onAttempt: (made) => TELEMETRY.webhookAttempted.publish(made),
        log,
      });
      deliverer.start();
      return deliverer;
    },
    async stop() {
      await list.stop();
      await deliveries.close();
      connection.disconnect();
    },
  };
}
