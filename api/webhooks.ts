import { randomBytes } from 'node:crypto';
import type { DeliveryQueue } from '../engine/tasks/deliveries.ts';
import { ArnError, type ArnScope, parseArnOf } from '../schemas/arn.ts';
import type { WebhookFilter, WebhookSecrets } from '../schemas/webhook.ts';

/** What the API needs for webhooks. */
export interface WebhookDeps {
  readonly deliveries: Pick<DeliveryQueue, 'add' | 'list' | 'redeliver' | 'counts' | 'forget'>;
  readonly secrets: Pick<WebhookSecrets, 'keep'>;
  /** False for the host of a URL that is plainly in a private network and must not be sent to. */
  reaches(host: string): boolean;
}

/** Of Standard Webhooks: 24 to 64 bytes at random, in base64. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** What is wrong with the address or the filter of a webhook; undefined when nothing is. */
export function refusedTarget(
  { url, filter }: { readonly url?: string; readonly filter?: WebhookFilter },
  reaches: (host: string) => boolean,
): string | undefined {
  return (url === undefined ? undefined : refusedUrl(url, reaches)) ?? refusedArn(filter?.stateMachineArns ?? []);
}

function refusedUrl(text: string, reaches: (host: string) => boolean): string | undefined {
  if (!URL.canParse(text)) return `url must be a URL, such as https://example.com/hooks, not '${text}'`;
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:')
    return `url must begin with http:// or https://, not ${protocol}//`;
  if (username !== '' || password !== '') return 'url must have no user name and no password: what is sent is signed';
  if (reaches(hostname)) return undefined;
  return `url must be in a public network, and ${hostname} is not: STEPYARD_ALLOW_PRIVATE_NETWORKS=true allows it`;
}

function refusedArn(arns: readonly string[]): string | undefined {
  try {
    for (const arn of arns) parseArnOf('stateMachine', arn);
  } catch (error) {
    if (error instanceof ArnError) return `filter.stateMachineArns: ${error.message}`;
    throw error;
  }
  return undefined;
}

/** Shaped as status changes are, but told from them by its type and source. */
export function testEvent(id: string, webhookId: string, { accountId, region }: ArnScope): string {
  return JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Stepyard Webhook Test',
    source: 'stepyard',
    account: accountId,
    time: new Date().toISOString().replace(/\.\d{3}/, ''),
    region,
    resources: [],
    detail: { webhookId },
  });
}
