import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putMachine } from '../../examples/support/machine.ts';
import { startWorker, TaskError } from '../../examples/support/worker.ts';
import { useSystem } from '../examples/support/system.ts';
import { until } from '../faults/support/until.ts';
import { type EventStream, openEventStream } from './event-stream.ts';

/** One order from end to end, as its operator sees it: announced by a webhook, watched live, explained, mended, gone on with. */

const system = useSystem({ STEPYARD_ALLOW_PRIVATE_NETWORKS: 'true' });

const SHOP = JSON.stringify({ StartAt: 'Place', States: { Place: { Type: 'Pass', End: true } } });

/** Reserves, charges, ships; what was reserved is released again when the card is declined. */
const sagaOf = (arnOf: (activity: string) => string): string =>
  JSON.stringify({
    StartAt: 'Reserve',
    States: {
      Reserve: { Type: 'Task', Resource: arnOf('reserve'), ResultPath: '$.reservation', Next: 'Charge' },
      Charge: {
        Type: 'Task',
        Resource: arnOf('charge'),
        ResultPath: '$.payment',
        Catch: [{ ErrorEquals: ['CardDeclined'], ResultPath: '$.error', Next: 'Release' }],
        End: true,
      },
      Release: { Type: 'Task', Resource: arnOf('release'), ResultPath: '$.released', Next: 'Undone' },
      Undone: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
    },
  });

interface Order {
  readonly id: string;
  readonly card: string;
}

/** What the services did, in order. */
const done: string[] = [];
const HANDLERS: Readonly<Record<string, (order: Order) => unknown>> = {
  reserve: ({ id }) => `shelf of ${id}`,
  charge({ card }) {
    if (card === 'expired') throw new TaskError('CardDeclined', 'The card has expired');
    return `receipt of ${card}`;
  },
  release: ({ id }) => `${id} is back`,
};

/** A StatusChange event as webhooks bring it. */
interface Notice {
  readonly 'detail-type': string;
  readonly detail: {
    readonly executionArn: string;
    readonly name: string;
    readonly status: string;
    readonly output?: string;
  };
}

/** Answers webhooks whose signature is right, as any receiver that follows Standard Webhooks would. */
class Consumer {
  readonly notices: Notice[] = [];
  readonly #secrets: string[] = [];
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then((isGenuine) => response.writeHead(isGenuine ? 204 : 401).end());
  });
  onNotice: (notice: Notice) => Promise<void> = async () => {};

  async start(): Promise<void> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
  }

  /** Subscribes to what the filter lets through. */
  async subscribe(filter: object): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    const created = await rest('POST', '/webhooks', { url: `http://127.0.0.1:${port}/`, filter });
    this.#secrets.push(String(created['secret']));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #receive(request: IncomingMessage): Promise<boolean> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = request.headers;
    const isGenuine = this.#secrets.some((secret) => {
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const expected = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
      return String(signatures).split(' ').includes(`v1,${expected}`);
    });
    if (!isGenuine) return false;
    const notice = JSON.parse(body) as Notice;
    this.notices.push(notice);
    await this.onNotice(notice);
    return true;
  }
}

async function rest(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${system.endpoint}/api/v1${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

const consumer = new Consumer();
const workers: { stop(): Promise<void> }[] = [];
const arns = new Map<string, string>();
beforeAll(async () => {
  await consumer.start();
  for (const [activity, handler] of Object.entries(HANDLERS)) {
    const worker = await startWorker<Order>({
      client: system.client,
      activity,
      handler: (order) => {
        done.push(activity);
        return handler(order);
      },
    });
    workers.push(worker);
    arns.set(activity, worker.activityArn);
  }
});
afterAll(async () => {
  consumer.stop();
  await Promise.all(workers.map((worker) => worker.stop()));
});

test('a saga that a webhook begins is watched, explained when it fails, and redriven with a patched input', async () => {
  const { client } = system;
  const shop = await putMachine(client, 'shop', SHOP);
  const saga = await putMachine(
    client,
    'saga',
    sagaOf((activity) => arns.get(activity) ?? ''),
  );
  const statuses = (name: string) =>
    consumer.notices.filter(({ detail }) => detail.name === name).map(({ detail }) => detail.status);

  // The shop's order is done: its webhook has the consumer begin the saga.
  consumer.onNotice = async ({ detail }) => {
    if (detail.name !== 'order-7') return;
    await client.send(new StartExecutionCommand({ stateMachineArn: saga, name: 'saga-7', input: detail.output }));
  };
  await consumer.subscribe({ stateMachineArns: [shop], statuses: ['SUCCEEDED'] });
  await consumer.subscribe({ stateMachineArns: [saga] });
  await until('the webhooks to be known', async () => {
    await client.send(new StartExecutionCommand({ stateMachineArn: shop, input: '{}' }));
    return consumer.notices.length > 0;
  });
  await client.send(
    new StartExecutionCommand({ stateMachineArn: shop, name: 'order-7', input: '{"id":"7","card":"expired"}' }),
  );
  const executionArn = saga.replace(':stateMachine:', ':execution:').concat(':saga-7');
  const path = `/executions/${encodeURIComponent(executionArn)}`;
  await until('the saga', () => rest('GET', path).catch(() => false));

  // It is watched while it charges, fails and undoes.
  const first: EventStream = await openEventStream(`${system.endpoint}/api/v1${path}/events`);
  const seen = await first.untilEnd();
  expect(seen.map(({ event }) => event).filter((event) => /Failed|Aborted|end/.test(event))).toEqual([
    ...['ActivityFailed', 'ExecutionFailed', 'end'],
  ]);
  expect(done).toEqual(['reserve', 'charge', 'release']);

  // Why did it fail?
  const { summary, blame, earlier } = await rest('GET', `${path}/explanation`);
  expect(String(summary)).toMatch(/CardDeclined/);
  expect(JSON.stringify([blame, earlier])).toMatch(/The card has expired/);

  // The customer has another card: from the reservation on, once more.
  await rest('POST', `${path}/redrive`, { state: 'Reserve', patch: { card: 'new', error: null, released: null } });
  const second = await openEventStream(`${system.endpoint}/api/v1${path}/events`, seen.at(-2)?.id ?? '');
  const later = await second.untilEnd();
  expect(later.map(({ event }) => event)).toEqual([
    ...['ExecutionRedriven', 'TaskStateEntered', 'ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
    ...['TaskStateExited', 'TaskStateEntered', 'ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
    ...['TaskStateExited', 'ExecutionSucceeded', 'end'],
  ]);
  const end = await rest('GET', path);
  expect(end).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  expect(JSON.parse(String(end['output']))).toEqual({
    ...{ id: '7', card: 'new', reservation: 'shelf of 7', payment: 'receipt of new' },
  });
  expect(done).toEqual(['reserve', 'charge', 'release', 'reserve', 'charge']);
  await until('the last webhook', () => statuses('saga-7').includes('SUCCEEDED'));
  expect(statuses('saga-7').sort()).toEqual(['FAILED', 'RUNNING', 'RUNNING', 'SUCCEEDED']);
});
