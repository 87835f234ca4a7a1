import { afterEach, describe, expect, test } from 'vitest';
import { createAgents } from '../../engine/integrations/address-guard.ts';
import { post } from '../../engine/integrations/http-post.ts';
import type { Attempted, Webhook } from '../../schemas/webhook.ts';
import { createDeliverer, type DelivererOptions } from '../../worker/webhooks/deliverer.ts';
import type { DeliveryJob } from '../../worker/webhooks/ports.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const webhook = (url: string, more: Partial<Webhook> = {}): Webhook => ({
  webhookId: 'w',
  url,
  secret: 'whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0',
  filter: {},
  enabled: true,
  createdMs: 0,
  ...more,
});
const JOB: DeliveryJob = { eventId: 'event-1', body: '{"id":"event-1","detail":{}}' };

/** Webhooks that change, and queues that a test takes the place of. */
class Stage {
  all: Webhook[];
  readonly attended = new Map<string, (delivery: DeliveryJob) => Promise<Attempted>>();
  readonly forgotten: string[] = [];
  readonly disabled: string[] = [];
  readonly heard: object[] = [];
  #changed = () => {};
  readonly deliverer;

  constructor(all: Webhook[], more: Partial<DelivererOptions> = {}) {
    this.all = all;
    const stage = this;
    this.deliverer = createDeliverer({
      webhooks: {
        get all() {
          return stage.all;
        },
        onChange: (call) => {
          this.#changed = call;
        },
      },
      queues: {
        attend: (webhookId, attempt) => {
          this.attended.set(webhookId, attempt);
          return { stop: async () => void this.attended.delete(webhookId) };
        },
        forget: async (webhookId) => void this.forgotten.push(webhookId),
      },
      post: (request) => post(request, createAgents(true)),
      secrets: { open: (kept) => kept },
      disable: async (webhookId) => void this.disabled.push(webhookId),
      onAttempt: (made) => this.heard.push(made),
      log: { info() {}, warn() {} },
      ...more,
    });
    this.deliverer.start();
  }

  change(all: Webhook[]): void {
    this.all = all;
    this.#changed();
  }

  attempt(webhookId = 'w'): Promise<Attempted> | undefined {
    return this.attended.get(webhookId)?.(JOB);
  }
}

const receivers: WebhookReceiver[] = [];
async function receive(status: number | Promise<number>): Promise<WebhookReceiver> {
  const receiver = new WebhookReceiver();
  receiver.answer = () => status;
  receiver.secret = webhook('').secret;
  await receiver.listen();
  receivers.push(receiver);
  return receiver;
}
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
});

describe('an attempt', () => {
  test('posts the body as it is, signed for this moment', async () => {
    const receiver = await receive(201);
    const before = Math.floor(Date.now() / 1000);
    expect(await new Stage([webhook(receiver.url)]).attempt()).toEqual({ outcome: 'delivered', responseStatus: 201 });
    const [received] = receiver.received;
    expect(received).toMatchObject({ id: 'event-1', body: JOB.body, verified: true, contentType: 'application/json' });
    expect(received?.timestamp).toBeGreaterThanOrEqual(before);
  });

  test.each([302, 304, 400, 404, 500, 503])('that is answered with %i has failed', async (status) => {
    const receiver = await receive(status);
    expect(await new Stage([webhook(receiver.url)]).attempt()).toMatchObject({ outcome: 'failed', final: false });
  });

  test('that is answered with 410 is the last one', async () => {
    const receiver = await receive(410);
    const stage = new Stage([webhook(receiver.url)]);
    expect(await stage.attempt()).toMatchObject({ outcome: 'failed', responseStatus: 410, final: true });
    expect(stage.disabled).toEqual(['w']);
  });

  test('that is not answered is given up', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const receiver = await receive(promise);
    const attempted = await new Stage([webhook(receiver.url)], { timeoutMs: 100 }).attempt();
    expect(attempted).toEqual({ outcome: 'failed', error: 'The receiver did not answer within 100 ms', final: false });
    resolve(204);
  });

  test('to a private address fails where that is not allowed', async () => {
    const receiver = await receive(204);
    const stage = new Stage([webhook(receiver.url)], { post: (request) => post(request, createAgents(false)) });
    const refused = { outcome: 'failed', error: expect.stringContaining('private network'), final: false };
    expect(await stage.attempt()).toEqual(refused);
    stage.change([webhook(receiver.url.replace('127.0.0.1', 'localhost'))]);
    expect(await stage.attempt()).toEqual(refused);
    expect(receiver.received).toEqual([]);
  });

  test('fails while the secret cannot be read', async () => {
    const stage = new Stage([webhook('http://127.0.0.1:1')], { secrets: { open: () => undefined } });
    expect(await stage.attempt()).toMatchObject({ outcome: 'failed', error: expect.stringContaining('SECRET_KEY') });
  });

  test('is told of', async () => {
    const receiver = await receive(500);
    const stage = new Stage([webhook(receiver.url)]);
    await stage.attempt();
    expect(stage.heard).toEqual([{ webhookId: 'w', outcome: 'failed', ms: expect.any(Number) }]);
  });
});

describe('deliveries are attempted', () => {
  test('of the webhooks that are enabled, as they change', async () => {
    const [one, two] = [webhook('http://a'), webhook('http://b', { webhookId: 'v', enabled: false })];
    const stage = new Stage([one, two]);
    expect([...stage.attended.keys()]).toEqual(['w']);
    stage.change([
      { ...one, enabled: false },
      { ...two, enabled: true },
    ]);
    expect([...stage.attended.keys()]).toEqual(['v']);
    await stage.deliverer.stop();
    expect([[...stage.attended.keys()], stage.forgotten]).toEqual([[], []]);
    stage.change([one]);
    expect(stage.attended.size).toBe(0);
  });

  test('no more of one that was deleted, and nothing of it stays', async () => {
    const stage = new Stage([webhook('http://127.0.0.1:1')]);
    const attempt = stage.attended.get('w');
    stage.change([]);
    expect(await attempt?.(JOB)).toMatchObject({ outcome: 'failed', final: true });
    await stage.deliverer.stop();
    expect([stage.attended.size, stage.forgotten]).toEqual([0, ['w']]);
  });
});
