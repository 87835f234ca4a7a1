import { type Command, Option } from 'commander';
import { EXECUTION_STATUSES } from '../schemas/execution.ts';
import type { WebhookFilter } from '../schemas/webhook.ts';
import { callRest } from './rest-call.ts';
import { textTable } from './text-table.ts';

/** `stepyard webhooks`: who is told how executions stand. */

interface Flags {
  readonly endpoint?: string;
  readonly json?: true;
}

interface AddFlags extends Flags {
  readonly machine?: readonly string[];
  readonly status?: readonly (typeof EXECUTION_STATUSES)[number][];
  readonly namePrefix?: string;
  readonly description?: string;
}

interface DeliveriesFlags extends Flags {
  readonly status?: string;
}

/** What the REST API tells of one. */
interface Webhook {
  readonly webhookId: string;
  readonly url: string;
  readonly filter: WebhookFilter;
  readonly enabled: boolean;
  readonly description?: string;
}

interface Delivery {
  readonly deliveryId: string;
  readonly executionArn?: string;
  readonly executionStatus?: string;
  readonly status: string;
  readonly attempts: number;
  readonly responseStatus?: number;
  readonly error?: string;
  readonly creationDate: string;
  readonly nextAttemptDate?: string;
}

const NOTES = `
Where the server asks for keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold one of the role admin.

Examples:
  $ stepyard webhooks add https://example.com/hooks --status FAILED TIMED_OUT
  $ stepyard webhooks add http://127.0.0.1:9000/ --machine arn:aws:states:us-east-1:000000000000:stateMachine:orders
  $ stepyard webhooks deliveries 8d9e2a14-cc39-404e-92d6-37dcbd2082ce --status failed`;

/** Adds the commands to the program. */
export function addWebhooksCommand(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('Add, list and remove webhooks, and see what they were sent.')
    .addHelpText('after', NOTES);
  const commands = [
    webhooks
      .command('add')
      .description('Add a webhook: it is told when executions start, end or are redriven.')
      .argument('<url>', 'where to post to')
      .option('--machine <arn...>', 'of these state machines, versions or aliases only')
      .addOption(new Option('--status <status...>', 'changes to these only').choices(EXECUTION_STATUSES))
      .option('--name-prefix <text>', 'executions only whose names begin so')
      .option('--description <text>', 'what it is for')
      .action(add),
    webhooks.command('list').description('List all webhooks.').action(list),
    webhooks
      .command('remove')
      .description('Remove a webhook with its deliveries.')
      .argument('<webhookId>')
      .action(remove),
    webhooks
      .command('deliveries')
      .description('Show what a webhook is to be sent and was sent last.')
      .argument('<webhookId>')
      .addOption(new Option('--status <status>', 'these only').choices(['pending', 'failed', 'delivered']))
      .action(deliveries),
  ];
  for (const command of commands) {
    command.option('--endpoint <url>', 'where the server is [AWS_ENDPOINT_URL, default http://127.0.0.1:8083]');
    command.option('--json', 'print JSON');
  }
}

async function add(url: string, { machine, status, namePrefix, description, endpoint, json }: AddFlags): Promise<void> {
  const filter: WebhookFilter = {
    ...(machine && { stateMachineArns: machine }),
    ...(status && { statuses: status }),
    ...(namePrefix !== undefined && { namePrefix }),
  };
  const asked = { url, filter, ...(description !== undefined && { description }) };
  const created = await callRest<Webhook & { secret: string }>(endpoint, 'POST', '/webhooks', asked);
  const { webhookId, secret } = created;
  print(json, created, () =>
    [
      `Added the webhook ${webhookId}. Its secret verifies what it is sent, and cannot be shown again:`,
      '',
      `  ${secret}`,
    ].join('\n'),
  );
}

async function list({ endpoint, json }: Flags): Promise<void> {
  const { webhooks } = await callRest<{ webhooks: readonly Webhook[] }>(endpoint, 'GET', '/webhooks');
  print(json, webhooks, () => {
    if (webhooks.length === 0) return 'There are no webhooks.';
    const rows = webhooks.map((webhook) => [
      webhook.webhookId,
      webhook.enabled ? 'yes' : 'no',
      webhook.url,
      wordsOf(webhook.filter),
      webhook.description ?? '',
    ]);
    return textTable([['ID', 'ENABLED', 'URL', 'TOLD OF', ''], ...rows]);
  });
}

function wordsOf({ stateMachineArns = [], statuses = [], namePrefix }: WebhookFilter): string {
  const machines = stateMachineArns.map((arn) => arn.split(':stateMachine:')[1] ?? arn);
  const names = namePrefix === undefined ? [] : [`${namePrefix}*`];
  return [machines, names, statuses].flatMap((words) => (words.length > 0 ? [words.join(',')] : [])).join(' ') || 'all';
}

async function remove(webhookId: string, { endpoint, json }: Flags): Promise<void> {
  await callRest(endpoint, 'DELETE', `/webhooks/${encodeURIComponent(webhookId)}`);
  print(json, { webhookId }, () => `Removed the webhook ${webhookId}.`);
}

async function deliveries(webhookId: string, { endpoint, json, status }: DeliveriesFlags): Promise<void> {
  const query = status === undefined ? '' : `&status=${status}`;
  const path = `/webhooks/${encodeURIComponent(webhookId)}/deliveries?maxResults=100${query}`;
  const page = await callRest<{ deliveries: readonly Delivery[] }>(endpoint, 'GET', path);
  print(json, page.deliveries, () => {
    if (page.deliveries.length === 0) return 'There are no deliveries.';
    const rows = page.deliveries.map((delivery) => [
      delivery.creationDate,
      delivery.status,
      String(delivery.attempts),
      delivery.executionStatus ?? 'test',
      delivery.executionArn?.split(':execution:')[1] ?? '',
      resultOf(delivery),
      delivery.deliveryId,
    ]);
    return textTable([['CREATED', 'DELIVERY', 'ATTEMPTS', 'STATUS', 'EXECUTION', 'RESULT', 'ID'], ...rows]);
  });
}

const resultOf = ({ responseStatus, error, nextAttemptDate }: Delivery): string => {
  const result = responseStatus === undefined ? (error ?? '') : `HTTP ${responseStatus}`;
  return nextAttemptDate === undefined ? result : `${result}, again at ${nextAttemptDate}`;
};

const print = (json: true | undefined, value: unknown, page: () => string): void =>
  console.log(json ? JSON.stringify(value, null, 2) : page());
