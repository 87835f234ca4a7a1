import * as sfn from '@aws-sdk/client-sfn';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type System, startSystem } from '../../cli/system.ts';
import { readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { type Answer, send } from './support/running-api.ts';

const redis = useRedis();
const PATIENCE = { timeout: 20_000 };
let system: System;
let client: sfn.SFNClient;
let receiver: WebhookReceiver;

async function start(env: Record<string, string> = {}): Promise<void> {
  const settings = { PORT: '0', STEPYARD_SHARDS: '2', STEPYARD_WEBHOOK_RETRY_MS: '10', STEPYARD_WEBHOOK_ATTEMPTS: '3' };
  const read = readConfig({ ...settings, ...env });
  if (!read.ok) throw new Error(read.problems.join());
  system = await startSystem(read.config, redis.url, { info() {}, warn() {}, error() {} }, 'engine');
  client = new sfn.SFNClient({
    endpoint: system.url ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    disableHostPrefix: true,
  });
}

async function stop(): Promise<void> {
  client.destroy();
  await system.stop();
}

const rest = (method: string, path: string, body?: object): Promise<Answer> => {
  const headers = body ? { 'content-type': 'application/json' } : {};
  const { port } = new URL(system.url ?? '');
  return send(Number(port), method, body ? JSON.stringify(body) : '', headers, `/api/v1/webhooks${path}`);
};

/** Adds a webhook, which every part of the server knows of then. */
async function add(filter: object = {}, url = receiver.url): Promise<string> {
  const { status, body } = await rest('POST', '', { url, filter });
  expect(status).toBe(201);
  const { webhookId, secret } = body as { webhookId: string; secret: string };
  receiver.secret = secret;
  // The lists are read every second: one that sees the test is followed by all that were read before it.
  await rest('POST', `/${webhookId}/test`);
  await expect.poll(() => deliveriesOf(webhookId), PATIENCE).toMatchObject([{ attempts: 1 }]);
  receiver.received.length = 0;
  return webhookId;
}

const deliveriesOf = async (webhookId: string, query = ''): Promise<Record<string, unknown>[]> => {
  const { body } = await rest('GET', `/${webhookId}/deliveries${query}`);
  return body['deliveries'] as Record<string, unknown>[];
};

let machines = 0;
async function createMachine(states: Record<string, object>, more: object = {}): Promise<string> {
  const [StartAt] = Object.keys(states);
  const { stateMachineArn } = await client.send(
    new sfn.CreateStateMachineCommand({
      name: `m${++machines}`,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      definition: JSON.stringify({ StartAt, States: states, ...more }),
    }),
  );
  return stateMachineArn ?? '';
}

const run = async (stateMachineArn: string, input = '{}', name?: string): Promise<string> =>
  (await client.send(new sfn.StartExecutionCommand({ stateMachineArn, input, name }))).executionArn ?? '';

const DONE = { Done: { Type: 'Pass', End: true } };
const WAIT = { Hold: { Type: 'Wait', Seconds: 900, End: true } };
const BREAK = { Break: { Type: 'Fail', Error: 'Broken', Cause: 'why' } };

beforeEach(async () => {
  receiver = new WebhookReceiver();
  await receiver.listen();
});
afterEach(() => receiver.close());

describe('a webhook', () => {
  beforeAll(() => start());
  afterAll(() => stop());
  afterEach(async () => {
    const { body } = await rest('GET', '');
    for (const { webhookId } of body['webhooks'] as { webhookId: string }[]) await rest('DELETE', `/${webhookId}`);
  });

  test('is not added while an engine of an earlier version runs, which would stumble over what it is to hear', async () => {
    const admin = new Redis(redis.url);
    await admin.zadd('stepyard:{registry}:engines', Date.now() + 3_600_000, 'earlier');
    expect(await rest('POST', '', { url: receiver.url })).toMatchObject({ status: 409 });
    await admin.zrem('stepyard:{registry}:engines', 'earlier');
    admin.disconnect();
  });

  test('is told of the beginning and the end of executions, signed', async () => {
    await add();
    const machine = await createMachine(DONE);
    const arn = await run(machine, '{"a":"ä"}');
    await expect.poll(() => receiver.statusesOf(arn).toSorted(), PATIENCE).toEqual(['RUNNING', 'SUCCEEDED']);
    const described = await client.send(new sfn.DescribeExecutionCommand({ executionArn: arn }));
    const end = receiver.received.find(({ event }) => event.detail.status === 'SUCCEEDED');
    expect(end).toMatchObject({ verified: true, contentType: 'application/json', id: end?.event.id });
    expect(end?.event).toMatchObject({ 'detail-type': 'Step Functions Execution Status Change', resources: [arn] });
    expect(end?.event.detail).toMatchObject({
      stateMachineArn: machine,
      startDate: described.startDate?.getTime(),
      stopDate: described.stopDate?.getTime(),
      input: '{"a":"ä"}',
      output: '{"a":"ä"}',
    });
    expect(receiver.received.every(({ verified }) => verified)).toBe(true);
  });

  test('is told of every way to end, and of redrives', async () => {
    await add();
    const failed = await run(await createMachine(BREAK));
    const timedOut = await run(await createMachine(WAIT, { TimeoutSeconds: 1 }));
    const aborted = await run(await createMachine(WAIT));
    await client.send(new sfn.StopExecutionCommand({ executionArn: aborted, error: 'Enough' }));
    const statuses = (arn: string) => expect.poll(() => receiver.statusesOf(arn).toSorted(), PATIENCE);
    await statuses(failed).toEqual(['FAILED', 'RUNNING']);
    await statuses(timedOut).toEqual(['RUNNING', 'TIMED_OUT']);
    await statuses(aborted).toEqual(['ABORTED', 'RUNNING']);
    await client.send(new sfn.RedriveExecutionCommand({ executionArn: failed }));
    await statuses(failed).toEqual(['FAILED', 'FAILED', 'RUNNING', 'RUNNING']);
    const told = receiver.received.filter(({ event }) => event.detail.executionArn === failed);
    expect(told.map(({ event }) => event.detail.redriveCount).toSorted()).toEqual([0, 0, 1, 1]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(4);
  });

  test('is told of what its filter wants only', async () => {
    const machine = await createMachine(DONE);
    await add({ stateMachineArns: [machine], statuses: ['SUCCEEDED'], namePrefix: 'order-' });
    await run(await createMachine(DONE), '{}', 'order-1');
    await run(machine, '{}', 'return-1');
    const wanted = await run(machine, '{}', 'order-2');
    await expect.poll(() => receiver.statusesOf(wanted), PATIENCE).toEqual(['SUCCEEDED']);
    expect(receiver.received).toHaveLength(1);
  });

  test('hears nothing of the children of a Map Run', async () => {
    await add();
    const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Done' };
    const each = { Type: 'Map', ItemProcessor: { ...processor, States: DONE }, End: true };
    const arn = await run(await createMachine({ Each: each }), '[1,2,3]');
    await expect.poll(() => receiver.statusesOf(arn), PATIENCE).toHaveLength(2);
    expect(receiver.received).toHaveLength(2);
  });

  test('is told again what it could not take, under the same id', async () => {
    const webhookId = await add({ statuses: ['SUCCEEDED'] });
    receiver.answer = () => (receiver.received.length < 3 ? 500 : 204);
    const arn = await run(await createMachine(DONE));
    await expect.poll(() => deliveriesOf(webhookId, '?status=delivered'), PATIENCE).toHaveLength(2);
    const [delivery] = await deliveriesOf(webhookId, '?status=delivered&maxResults=1');
    expect(delivery).toMatchObject({ executionArn: arn, executionStatus: 'SUCCEEDED', attempts: 3 });
    expect(delivery).toMatchObject({ responseStatus: 204, eventId: receiver.received[0]?.id });
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ id, body }) => id + body)).size).toBe(1);
    expect(receiver.received.every(({ verified }) => verified)).toBe(true);
  });

  test('is given up when it is away for too long, and sent once more when that is asked for', async () => {
    const webhookId = await add({ statuses: ['SUCCEEDED'] });
    const { port } = receiver;
    await receiver.close();
    const arn = await run(await createMachine(DONE));
    await expect.poll(() => deliveriesOf(webhookId, '?status=failed'), PATIENCE).toHaveLength(1);
    const [delivery] = await deliveriesOf(webhookId, '?status=failed');
    expect(delivery).toMatchObject({ attempts: 3, error: expect.stringContaining('ECONNREFUSED') });
    expect(delivery?.['responseStatus']).toBeUndefined();
    const { secret } = receiver;
    receiver = new WebhookReceiver();
    receiver.secret = secret;
    await receiver.listen(port);
    const { status } = await rest('POST', `/${webhookId}/deliveries/${delivery?.['deliveryId']}/redeliver`);
    expect(status).toBe(202);
    await expect.poll(() => receiver.statusesOf(arn), PATIENCE).toEqual(['SUCCEEDED']);
    expect(receiver.received[0]).toMatchObject({ id: delivery?.['eventId'], verified: true });
  });

  test('that is gone is disabled, and hears of nothing more', async () => {
    const webhookId = await add({ statuses: ['SUCCEEDED'] });
    receiver.answer = () => 410;
    const machine = await createMachine(DONE);
    await run(machine);
    await expect.poll(() => rest('GET', `/${webhookId}`), PATIENCE).toMatchObject({ body: { enabled: false } });
    await expect
      .poll(() => deliveriesOf(webhookId, '?status=failed'), PATIENCE)
      .toMatchObject([{ attempts: 1, responseStatus: 410 }]);
  });

  test('is not followed where it redirects to', async () => {
    const webhookId = await add({ statuses: ['SUCCEEDED'] });
    receiver.answer = () => 302;
    await run(await createMachine(DONE));
    await expect
      .poll(() => deliveriesOf(webhookId, '?status=failed'), PATIENCE)
      .toMatchObject([{ attempts: 3, responseStatus: 302 }]);
    expect(receiver.received).toHaveLength(3);
  });

  test('that takes its time does not hold up another', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const slow = new WebhookReceiver();
    await slow.listen();
    await add({ statuses: ['SUCCEEDED'] }, slow.url);
    slow.answer = () => promise;
    await add({ statuses: ['SUCCEEDED'] });
    const machine = await createMachine(DONE);
    const arns = await Promise.all(Array.from({ length: 20 }, () => run(machine)));
    const told = () => arns.filter((arn) => receiver.statusesOf(arn).length > 0).length;
    await expect.poll(told, PATIENCE).toBe(20);
    expect(slow.received.length).toBeLessThan(20);
    resolve(204);
    await expect.poll(() => slow.received.length, PATIENCE).toBeGreaterThanOrEqual(20);
    await slow.close();
  });
});

describe('over REST', () => {
  beforeAll(() => start());
  afterAll(() => stop());

  test('a webhook is added, told, changed and removed; its secret is told once', async () => {
    const asked = { url: 'https://example.com/hook', filter: { statuses: ['FAILED'] }, description: 'pager' };
    const created = await rest('POST', '', asked);
    expect(created.status).toBe(201);
    const { secret, ...webhook } = created.body;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(webhook).toEqual({
      ...asked,
      webhookId: expect.any(String),
      enabled: true,
      creationDate: expect.any(String),
    });
    const path = `/${webhook['webhookId']}`;
    expect((await rest('GET', path)).body).toEqual({ ...webhook, pendingDeliveries: 0, failedDeliveries: 0 });
    expect((await rest('GET', '')).body).toEqual({ webhooks: [webhook] });
    const changed = await rest('PATCH', path, { enabled: false, filter: {} });
    expect(changed.body).toEqual({ ...webhook, enabled: false, filter: {} });
    expect((await rest('DELETE', path)).status).toBe(204);
    for (const [method, at] of [
      ['GET', path],
      ['DELETE', path],
      ['POST', `${path}/test`],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/deliveries/x/redeliver`],
    ] as const) {
      expect((await rest(method, at)).body).toMatchObject({
        status: 404,
        type: 'urn:stepyard:problem:ResourceNotFound',
      });
    }
    expect((await rest('PATCH', path, {})).status).toBe(404);
  });

  test.each([
    [{ url: 'no url' }, 'must be a URL'],
    [{ url: 'ftp://example.com' }, 'must begin with http:// or https://'],
    [{ url: 'https://me:pw@example.com' }, 'no user name'],
    [{ url: 'https://example.com', filter: { stateMachineArns: ['arn:aws:states:nowhere'] } }, 'Invalid ARN'],
    [{ url: 'https://example.com', filter: { statuses: ['DONE'] } }, 'must be one of RUNNING'],
    [{ url: 'https://example.com', filter: { machine: 'm' } }, 'unknown member'],
    [{ url: 'https://example.com', secret: 'mine' }, 'unknown member'],
    [{}, 'required'],
  ])('%j is refused', async (asked, detail) => {
    const { status, body } = await rest('POST', '', asked);
    expect([status, body['detail']]).toEqual([400, expect.stringContaining(detail)]);
  });

  test('a test event is sent, and told from others', async () => {
    const webhookId = (await rest('POST', '', { url: receiver.url })).body['webhookId'] as string;
    expect((await rest('POST', `/${webhookId}/test`)).status).toBe(202);
    await expect.poll(() => receiver.received, PATIENCE).toHaveLength(1);
    expect(receiver.received[0]?.event).toMatchObject({
      'detail-type': 'Stepyard Webhook Test',
      source: 'stepyard',
      detail: { webhookId },
    });
    await expect.poll(() => deliveriesOf(webhookId), PATIENCE).toMatchObject([{ status: 'delivered', attempts: 1 }]);
    const missing = await rest('POST', `/${webhookId}/deliveries/x/redeliver`);
    expect(missing.body).toMatchObject({ status: 404 });
  });

  test('deliveries are told in pages', async () => {
    const webhookId = (await rest('POST', '', { url: receiver.url, enabled: false })).body['webhookId'] as string;
    for (let count = 0; count < 3; count += 1) await rest('POST', `/${webhookId}/test`);
    const first = await rest('GET', `/${webhookId}/deliveries?maxResults=2&status=pending`);
    expect(first.body['deliveries']).toHaveLength(2);
    const token = first.body['nextToken'];
    const second = await rest('GET', `/${webhookId}/deliveries?maxResults=2&status=pending&nextToken=${token}`);
    expect(second.body['deliveries']).toHaveLength(1);
    expect(second.body['nextToken']).toBeUndefined();
    const other = await rest('GET', `/${webhookId}/deliveries?maxResults=2&nextToken=${token}`);
    expect(other.body).toMatchObject({ status: 400 });
  });
});

describe('a server that is not to reach private networks', () => {
  beforeAll(() => start({ STEPYARD_ALLOW_PRIVATE_NETWORKS: 'false' }));
  afterAll(() => stop());

  test.each([
    'http://127.0.0.1:1',
    'http://[::1]',
    'http://2852039166/latest',
    'http://localhost:1',
    'https://10.0.0.1',
  ])('refuses %s', async (url) => {
    const { status, body } = await rest('POST', '', { url });
    expect([status, body['detail']]).toEqual([400, expect.stringContaining('STEPYARD_ALLOW_PRIVATE_NETWORKS')]);
  });
});
