import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSeal } from '../../api/auth/seal.ts';
import { type System, startSystem } from '../../cli/system.ts';
import { createWebhookSecrets } from '../../cli/webhook-secrets.ts';
import { readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const SECRET_KEY = 'a key that is long enough to seal secrets with';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
const redis = useRedis();
const receiver = new WebhookReceiver();
let system: System;

beforeAll(async () => {
  const read = readConfig({ PORT: '0', STEPYARD_SECRET_KEY: SECRET_KEY });
  if (!read.ok) throw new Error(read.problems.join());
  system = await startSystem(read.config, redis.url, { info() {}, warn() {}, error() {} });
  await receiver.listen();
});
afterAll(async () => {
  await system.stop();
  await receiver.close();
});

const run = (...args: string[]) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [main, 'webhooks', ...args],
      { env: { ...process.env, NO_COLOR: '1', AWS_ENDPOINT_URL: system.url } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

const idsIn = async (): Promise<string[]> => {
  const { stdout } = await run('list', '--json');
  return (JSON.parse(stdout) as { webhookId: string }[]).map(({ webhookId }) => webhookId);
};

describe('stepyard webhooks', () => {
  test('adds, lists, looks at and removes them', async () => {
    expect((await run('list')).stdout).toBe('There are no webhooks.\n');
    const filter = ['--machine', MACHINE, '--status', 'FAILED', 'ABORTED', '--name-prefix', 'o-'];
    const added = await run('add', receiver.url, ...filter, '--description', 'pager');
    expect(added.stdout).toMatch(/^Added the webhook [\da-f-]{36}\. .*\n\n {2}whsec_\S{44}\n$/);
    const [webhookId = ''] = await idsIn();
    expect((await run('list')).stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^ID +ENABLED +URL +TOLD OF$/),
      `${webhookId}  yes      ${receiver.url}  orders o-* FAILED,ABORTED  pager`,
    ]);
    expect((await run('deliveries', webhookId)).stdout).toBe('There are no deliveries.\n');
    await fetch(`${system.url}/api/v1/webhooks/${webhookId}/test`, { method: 'POST' });
    const sent = async () => (await run('deliveries', webhookId, '--status', 'delivered')).stdout;
    await expect.poll(sent, { timeout: 20_000 }).toMatch(/\n\S+ +delivered +1 +test +HTTP 204 +test-[\da-f-]{36}\n$/);
    expect((await run('remove', webhookId)).stdout).toBe(`Removed the webhook ${webhookId}.\n`);
    expect(await idsIn()).toEqual([]);
  });

  test('says what is wrong in a sentence', async () => {
    expect(await run('remove', 'none')).toMatchObject({ code: 1, stderr: "Resource not found: 'webhook none'\n" });
    const odd = await run('add', 'nowhere');
    expect(odd).toMatchObject({ code: 1, stderr: expect.stringContaining('url must be a URL') });
    const away = await run('list', '--endpoint', 'http://127.0.0.1:1');
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing answers at http://127.0.0.1:1/') });
    expect(await run('add', receiver.url, '--status', 'DONE')).toMatchObject({ code: 1 });
  });
});

describe('the secret of a webhook', () => {
  test('is kept sealed where there is a secret key', async () => {
    const { stdout } = await run('add', receiver.url, '--json');
    const { webhookId, secret }: { webhookId: string; secret: string } = JSON.parse(stdout);
    const connection = new Redis(redis.url);
    const kept = JSON.parse((await connection.hget('stepyard:{registry}:webhooks', webhookId)) ?? '{}').secret;
    connection.disconnect();
    expect(kept).not.toContain(secret);
    expect(createWebhookSecrets(createSeal(SECRET_KEY)).open(kept, webhookId)).toBe(secret);
    expect(createWebhookSecrets(createSeal(`another ${SECRET_KEY}`)).open(kept, webhookId)).toBeUndefined();
    expect(createWebhookSecrets(createSeal(SECRET_KEY)).open(kept, 'another')).toBeUndefined();
    expect(createWebhookSecrets(undefined).open(kept, webhookId)).toBeUndefined();
    receiver.received.length = 0;
    receiver.secret = secret;
    await fetch(`${system.url}/api/v1/webhooks/${webhookId}/test`, { method: 'POST' });
    await expect.poll(() => receiver.received, { timeout: 20_000 }).toMatchObject([{ verified: true }]);
  });

  test('is kept as it is without one', () => {
    const secrets = createWebhookSecrets(undefined);
    expect(secrets.open(secrets.keep('whsec_AAAA', 'w'), 'w')).toBe('whsec_AAAA');
  });
});
