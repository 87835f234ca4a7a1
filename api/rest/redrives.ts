import Type, { type Static } from 'typebox';
import type { BulkRedrive } from '../../engine/store/bulk-redrive-store.ts';
import { MAX_ATTRIBUTE_VALUE, MAX_SEARCH_ATTRIBUTES, SEARCH_ATTRIBUTE_NAME } from '../../engine/store/search.ts';
import {
  type AskedBulk,
  askedOf,
  type BulkFilter,
  beginning,
  preview,
  progressOf,
  UNSUCCESSFUL,
} from '../bulk-redrive.ts';
import { apiError } from '../errors.ts';
import type { Context } from '../operation.ts';
import { askedRevision, checkEdits } from '../redrive-edits.ts';
import { findMachine } from '../resources.ts';
import { ClientToken } from '../shapes.ts';
import type { Routes } from './app.ts';
import { byWhom, Edits, editsOf } from './redrive.ts';
import { Instant, instant } from './shapes.ts';

const CLOSED = { additionalProperties: false };
const tags = ['Executions'];
/** Executions that a dry run names. */
const FIRST = 20;

const Filter = Type.Object(
  {
    stateMachineArn: Type.String({ minLength: 1, maxLength: 256 }),
    status: Type.Optional(Type.Enum([...UNSUCCESSFUL], { description: 'Left out: any end without success.' })),
    error: Type.Optional(Type.String({ maxLength: 256, description: 'The name of the error that it ended with.' })),
    startedAfter: Type.Optional(Instant),
    startedBefore: Type.Optional(Instant),
    namePrefix: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    attributes: Type.Optional(
      Type.Record(
        Type.String({ pattern: SEARCH_ATTRIBUTE_NAME.source }),
        Type.String({ maxLength: MAX_ATTRIBUTE_VALUE }),
        {
          ...CLOSED,
          maxProperties: MAX_SEARCH_ATTRIBUTES,
          description: 'Values of search attributes: it has all of them.',
        },
      ),
    ),
  },
  CLOSED,
);

const Limit = Type.Integer({
  minimum: 1,
  maximum: 100_000,
  default: 1000,
  description: 'How many executions at most.',
});
const Body = Type.Object({
  filter: Filter,
  edits: Type.Optional(Type.Object(Edits, CLOSED)),
  limit: Type.Optional(Limit),
  dryRun: Type.Optional(Type.Boolean({ description: 'Redrives nothing and tells which executions are meant.' })),
  clientToken: Type.Optional(ClientToken),
});

const Count = Type.Integer({ minimum: 0 });
const Bulk = Type.Object({
  redriveId: Type.String(),
  status: Type.Enum(['RUNNING', 'CANCELLING', 'COMPLETED', 'CANCELLED']),
  creationDate: Instant,
  filter: Filter,
  edits: Type.Object(Edits),
  limit: Type.Integer(),
  found: Count,
  redriven: Count,
  refused: Count,
  refusals: Type.Array(Type.Object({ executionArn: Type.String(), reason: Type.String() }), {
    description: 'The first hundred.',
  }),
});
const Preview = Type.Object({
  matching: Count,
  executions: Type.Array(Type.String(), { description: `The ARNs of the first ${FIRST}.` }),
});
const Params = Type.Object({ redriveId: Type.String({ maxLength: 64 }) });

const startRoute: Routes = (app, { contextOf }) => {
  app.post(
    '/redrives',
    {
      schema: {
        tags,
        operationId: 'startRedrives',
        summary: 'Redrive all executions of a state machine that match a filter',
        description: [
          'In the background, some hundred in a second, whatever process dies. One at a time for each state machine: another one is a 409.',
          'The same `clientToken` starts one.',
        ].join(' '),
        body: Body,
        response: { 200: Preview, 202: Bulk },
      },
      config: {
        access: 'operate',
        idempotent: true,
        problems: [
          'ConflictException',
          'InvalidArn',
          'StateMachineDoesNotExist',
          'InvalidExecutionInput',
          'ResourceNotFound',
        ],
      },
    },
    async (request, reply) => {
      const context = contextOf(request, reply);
      const { filter, limit = 1000, dryRun, clientToken } = request.body;
      const edits = editsOf(request.body.edits ?? {});
      await findMachine(filter.stateMachineArn, context);
      checkEdits(edits, context);
      await askedRevision(edits, filter, context);
      const by = byWhom(request);
      const asked: AskedBulk = { filter: filterOf(filter), edits, limit, ...(by !== undefined && { by }) };
      if (dryRun) return preview(context.store.search, asked, FIRST);
      const token = clientToken ?? request.idempotencyId ?? context.attemptId;
      const bulk = await begin(asked, token, context);
      return reply.code(202).header('location', `${request.routeOptions.url}/${bulk.id}`).send(told(bulk));
    },
  );
};

/** @throws ApiError ConflictException */
async function begin(asked: AskedBulk, token: string, { store, ids }: Context): Promise<BulkRedrive> {
  const { stateMachineArn } = asked.filter;
  const id = ids.uuidOf(`redrives ${stateMachineArn} ${token}`);
  const texts = { asked: JSON.stringify(asked), progress: JSON.stringify(beginning(asked)) };
  const present = await store.bulkRedrives.create({ id, stateMachineArn, ...texts });
  const bulk = present === id ? await store.bulkRedrives.describe(id) : undefined;
  if (bulk) return bulk;
  throw apiError(
    'ConflictException',
    `Executions of ${stateMachineArn} are being redriven already: wait for the end of ${present}, or cancel it`,
  );
}

const progressRoutes: Routes = (app, { contextOf }) => {
  app.get(
    '/redrives/:redriveId',
    {
      schema: {
        tags,
        operationId: 'getRedrives',
        summary: 'How far the redrive of many executions is; kept for a week after its end',
        params: Params,
        response: { 200: Bulk },
      },
      config: { access: 'read', problems: ['ResourceNotFound'] },
    },
    async (request, reply) => {
      const { store } = contextOf(request, reply);
      const { redriveId } = request.params;
      const bulk = await store.bulkRedrives.describe(redriveId);
      if (!bulk) throw apiError('ResourceNotFound', redriveId);
      return told(bulk);
    },
  );

  app.delete(
    '/redrives/:redriveId',
    {
      schema: {
        tags,
        operationId: 'cancelRedrives',
        summary: 'Redrive no more of them; those that were redriven go on',
        params: Params,
        response: { 202: Bulk },
      },
      config: { access: 'operate', problems: ['ResourceNotFound'] },
    },
    async (request, reply) => {
      const { store } = contextOf(request, reply);
      const { redriveId } = request.params;
      const known = await store.bulkRedrives.cancel(redriveId);
      const bulk = known ? await store.bulkRedrives.describe(redriveId) : undefined;
      if (!bulk) throw apiError('ResourceNotFound', redriveId);
      return reply.code(202).send(told(bulk));
    },
  );
};

/** `/redrives`: many executions at once, in the background. */
export const redrives: Routes = (app, deps) => {
  startRoute(app, deps);
  progressRoutes(app, deps);
};

function filterOf({ startedAfter, startedBefore, ...filter }: Static<typeof Filter>): BulkFilter {
  return {
    ...filter,
    ...(startedAfter !== undefined && { startedAfterMs: Date.parse(startedAfter) }),
    ...(startedBefore !== undefined && { startedBeforeMs: Date.parse(startedBefore) }),
  };
}

function told(bulk: BulkRedrive): Static<typeof Bulk> {
  const { filter, edits, limit } = askedOf(bulk);
  const { found, redriven, refused, refusals } = progressOf(bulk);
  const { startedAfterMs, startedBeforeMs, ...conditions } = filter;
  return {
    redriveId: bulk.id,
    status: bulk.status === 'RUNNING' && bulk.cancelled ? 'CANCELLING' : bulk.status,
    creationDate: instant(bulk.createdMs),
    filter: {
      ...conditions,
      ...(startedAfterMs !== undefined && { startedAfter: instant(startedAfterMs) }),
      ...(startedBeforeMs !== undefined && { startedBefore: instant(startedBeforeMs) }),
    } as Static<typeof Filter>,
    edits,
    limit,
    found,
    redriven,
    refused,
    refusals: [...refusals],
  };
}
