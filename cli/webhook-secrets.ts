import type { Seal } from '../api/auth/seal.ts';
import type { WebhookSecrets } from '../schemas/webhook.ts';

const SEALED = 'sealed:';
const place = (webhookId: string): string => `webhook ${webhookId}`;

/** @param seal of the deployment; without one, secrets are kept as they are, and those that were sealed cannot be read */
export const createWebhookSecrets = (seal: Seal | undefined): WebhookSecrets => ({
  keep: (secret, webhookId) => (seal ? SEALED + seal.close(secret, place(webhookId)) : secret),
  open: (kept, webhookId) => (kept.startsWith(SEALED) ? seal?.open(kept.slice(SEALED.length), place(webhookId)) : kept),
});
