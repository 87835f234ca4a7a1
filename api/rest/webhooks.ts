import Type, { type Static } from 'typebox';
import { UNDERSTOOD_FROM } from '../../engine/store/store.ts';
import { DELIVERY_STATUSES, type DeliveryReport } from '../../engine/tasks/deliveries.ts';
import { EXECUTION_STATUSES } from '../../schemas/execution.ts';
import type { Webhook } from '../../schemas/webhook.ts';
import { apiError } from '../errors.ts';
import { pageToken, textPosition } from '../page-token.ts';
import { newSecret, refusedTarget, testEvent } from '../webhooks.ts';
import type { RestApp, RestDeps, Routes } from './app.ts';
import { Instant, instant, NextToken } from './shapes.ts';

const tags = ['Webhooks'];
const access = 'administer' as const;

const Filter = Type.Object(
  {
    stateMachineArns: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        minItems: 1,
        maxItems: 100,
        description: 'Of machines, versions or aliases: the executions of these only.',
      }),
    ),
    statuses: Type.Optional(
      Type.Array(Type.Enum([...EXECUTION_STATUSES]), { minItems: 1, description: 'The changes to these only.' }),
    ),
    namePrefix: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, description: 'Executions only whose names begin so.' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'What is sent: what fits all that is given, everything when nothing is.',
  },
);
const Url = Type.String({ minLength: 1, maxLength: 2048, description: 'Where to post to: http or https.' });
const Description = Type.String({ maxLength: 256 });

const Changeable = Type.Object({
  url: Url,
  filter: Type.Optional(Filter),
  enabled: Type.Optional(Type.Boolean({ description: 'Default true. A disabled webhook is told nothing.' })),
  description: Type.Optional(Description),
});
const Told = Type.Object({
  webhookId: Type.String(),
  url: Type.String(),
  filter: Filter,
  enabled: Type.Boolean(),
  description: Type.Optional(Type.String()),
  creationDate: Instant,
});
const Counted = Type.Object({
  ...Told.properties,
  pendingDeliveries: Type.Integer({ description: 'That are to be attempted.' }),
  failedDeliveries: Type.Integer({ description: 'That were given up and are kept.' }),
});
const Created = Type.Object({
  ...Told.properties,
  secret: Type.String({ description: 'What verifies signatures. It is told here and never again.' }),
});
const Delivery = Type.Object({
  deliveryId: Type.String(),
  eventId: Type.String({ description: 'The `webhook-id` of every attempt.' }),
  executionArn: Type.Optional(Type.String()),
  executionStatus: Type.Optional(Type.String()),
  status: Type.Enum([...DELIVERY_STATUSES]),
  attempts: Type.Integer(),
  responseStatus: Type.Optional(Type.Integer({ description: 'Of the last attempt; absent when there was no answer.' })),
  error: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
  creationDate: Instant,
  lastAttemptDate: Type.Optional(Instant),
  nextAttemptDate: Type.Optional(Instant),
});

const ById = Type.Object({ webhookId: Type.String({ maxLength: 64 }) });
const Nothing = Type.Null();
const DeliveryId = Type.Object({ deliveryId: Type.String() });

/** `/webhooks`: who is told how the status of executions changes. */
export const webhooks: Routes = (app, deps) => {
  addCollection(app, deps);
  addSingle(app, deps);
  addTest(app, deps);
  addDeliveries(app, deps);
};

function addCollection(app: RestApp, { store, webhooks: { secrets, reaches }, ids }: RestDeps): void {
  app.get(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'listWebhooks',
        summary: 'All webhooks, the oldest first',
        response: { 200: Type.Object({ webhooks: Type.Array(Told) }) },
      },
      config: { access },
    },
    async () => ({ webhooks: (await store.webhooks.list()).map(told) }),
  );

  app.post(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'createWebhook',
        summary: 'Add a webhook',
        description: 'Within a second or so it is told of changes. The answer is the only one with the secret.',
        body: Changeable,
        response: { 201: Created },
      },
      config: { access },
    },
    async ({ body }, reply) => {
      const { url, filter = {}, enabled = true, description } = body;
      checkTarget(body, reaches);
      if ((await store.registry.oldestEngine()) < UNDERSTOOD_FROM.webhooks) {
        throw apiError('ConflictException', 'An engine of an earlier version, which knows no webhooks, still runs.');
      }
      const webhookId = ids.uuid();
      const secret = newSecret();
      const kept = secrets.keep(secret, webhookId);
      const described = description === undefined ? {} : { description };
      const created = await store.webhooks.create({ webhookId, url, filter, enabled, ...described, secret: kept });
      if (created === 'full') throw apiError('ConflictException', 'There are 100 webhooks already: remove one first.');
      return reply.code(201).send({ ...told(created), secret });
    },
  );
}

function addSingle(app: RestApp, { store, webhooks: { deliveries, reaches } }: RestDeps): void {
  app.get(
    '/webhooks/:webhookId',
    {
      schema: { tags, operationId: 'getWebhook', summary: 'One webhook', params: ById, response: { 200: Counted } },
      config: { access },
    },
    async ({ params: { webhookId } }) => {
      const webhook = await found(store.webhooks.get(webhookId), webhookId);
      const { pending, failed } = await deliveries.counts(webhookId);
      return { ...told(webhook), pendingDeliveries: pending, failedDeliveries: failed };
    },
  );

  app.patch(
    '/webhooks/:webhookId',
    {
      schema: {
        tags,
        operationId: 'updateWebhook',
        summary: 'Change a webhook',
        description: 'What is given replaces what was there. What waits to be delivered goes to the new address.',
        params: ById,
        body: Type.Partial(Changeable),
        response: { 200: Told },
      },
      config: { access },
    },
    async ({ params: { webhookId }, body }) => {
      checkTarget(body, reaches);
      return told(
        await found(
          store.webhooks.update(webhookId, (webhook) => ({ ...webhook, ...body })),
          webhookId,
        ),
      );
    },
  );

  app.delete(
    '/webhooks/:webhookId',
    {
      schema: {
        tags,
        operationId: 'deleteWebhook',
        summary: 'Remove a webhook with its deliveries',
        params: ById,
        response: { 204: Nothing },
      },
      config: { access },
    },
    async ({ params: { webhookId } }, reply) => {
      if (!(await store.webhooks.delete(webhookId))) throw unknown(webhookId);
      await deliveries.forget(webhookId);
      return reply.code(204).send(null);
    },
  );
}

function addTest(app: RestApp, { store, webhooks: { deliveries }, ids, config }: RestDeps): void {
  app.post(
    '/webhooks/:webhookId/test',
    {
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: 'Send a test event',
        description:
          'It is attempted once, as soon as the webhook is enabled. What came of it is among the deliveries.',
        params: ById,
        response: { 202: DeliveryId },
      },
      config: { access },
    },
    async ({ params: { webhookId } }, reply) => {
      await found(store.webhooks.get(webhookId), webhookId);
      const eventId = ids.uuid();
      const deliveryId = `test-${eventId}`;
      const body = testEvent(eventId, webhookId, config);
      await deliveries.add([{ webhookId, deliveryId, eventId, body, once: true }]);
      return reply.code(202).send({ deliveryId });
    },
  );
}

function addDeliveries(app: RestApp, { store, webhooks: { deliveries } }: RestDeps): void {
  app.get(
    '/webhooks/:webhookId/deliveries',
    {
      schema: {
        tags,
        operationId: 'listDeliveries',
        summary: 'What is and was to be sent',
        description:
          'First what is pending, then what failed, then what was delivered, the latest first. The last of both are kept.',
        params: ById,
        querystring: Type.Object({
          status: Type.Optional(Type.Enum([...DELIVERY_STATUSES])),
          maxResults: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
          nextToken: Type.Optional(NextToken),
        }),
        response: {
          200: Type.Object({ deliveries: Type.Array(Delivery), nextToken: Type.Optional(Type.String()) }),
        },
      },
      config: { access },
    },
    async ({ params: { webhookId }, query: { status, maxResults: limit, nextToken } }) => {
      await found(store.webhooks.get(webhookId), webhookId);
      const list = `deliveries ${webhookId} ${status ?? ''}`;
      const position = textPosition(list, nextToken);
      const page = await deliveries.list(webhookId, {
        limit,
        ...(status !== undefined && { status }),
        ...(position !== undefined && { cursor: position }),
      });
      return {
        deliveries: page.deliveries.map(toldDelivery),
        nextToken: page.cursor === undefined ? undefined : pageToken(list, page.cursor),
      };
    },
  );

  app.post(
    '/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
    {
      schema: {
        tags,
        operationId: 'redeliver',
        summary: 'Send once more',
        description: 'Also what was delivered; what waits for its next attempt is attempted at once.',
        params: Type.Object({ ...ById.properties, deliveryId: Type.String({ maxLength: 128 }) }),
        response: { 202: DeliveryId },
      },
      config: { access },
    },
    async ({ params: { webhookId, deliveryId } }, reply) => {
      await found(store.webhooks.get(webhookId), webhookId);
      const outcome = await deliveries.redeliver(webhookId, deliveryId);
      if (outcome === undefined) throw apiError('ResourceNotFound', `delivery ${deliveryId}`);
      if (outcome === 'busy') throw apiError('ConflictException', `The delivery ${deliveryId} is being attempted now.`);
      return reply.code(202).send({ deliveryId });
    },
  );
}

const unknown = (webhookId: string): Error => apiError('ResourceNotFound', `webhook ${webhookId}`);

async function found(webhook: Promise<Webhook | undefined>, webhookId: string): Promise<Webhook> {
  const there = await webhook;
  if (!there) throw unknown(webhookId);
  return there;
}

function checkTarget(asked: Partial<Static<typeof Changeable>>, reaches: (host: string) => boolean): void {
  const refusal = refusedTarget(asked, reaches);
  if (refusal !== undefined) throw apiError('ValidationException', refusal);
}

/** Without the secret. */
const told = ({ webhookId, url, filter, enabled, description, createdMs }: Webhook) => ({
  webhookId,
  url,
  filter,
  enabled,
  description,
  creationDate: instant(createdMs),
});

const toldDelivery = (delivery: DeliveryReport): Static<typeof Delivery> => ({
  deliveryId: delivery.deliveryId,
  eventId: delivery.eventId,
  status: delivery.state,
  attempts: delivery.attempts,
  creationDate: instant(delivery.createdMs),
  ...(delivery.executionArn !== undefined && { executionArn: delivery.executionArn }),
  ...(delivery.status !== undefined && { executionStatus: delivery.status }),
  ...(delivery.responseStatus !== undefined && { responseStatus: delivery.responseStatus }),
  ...(delivery.error !== undefined && { error: delivery.error }),
  ...(delivery.lastAttemptMs !== undefined && { lastAttemptDate: instant(delivery.lastAttemptMs) }),
  ...(delivery.nextAttemptMs !== undefined && { nextAttemptDate: instant(delivery.nextAttemptMs) }),
});
