import { createHmac } from 'node:crypto';

/** Signatures of Standard Webhooks 1.0.0 (www.standardwebhooks.com), symmetric: its libraries verify them. */

/** How secrets begin; base64 follows. */
const PREFIX = 'whsec_';

/** What goes with a body, so that its receiver knows who sent it, that it is whole, and whether it is known already. */
export function signedHeaders(
  secret: string,
  { eventId, body }: { readonly eventId: string; readonly body: string },
  atMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  const signature = createHmac('sha256', key).update(`${eventId}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': eventId, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
