import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { ANYBODY } from '../auth/caller.ts';
import { type AskedEdits, CURRENT, changeBy, checkEdits, EDIT_ERRORS } from '../redrive-edits.ts';
import { redrive } from '../redriving.ts';
import { ClientToken } from '../shapes.ts';
import type { Routes } from './app.ts';
import { ExecutionParams, Instant, instant, JsonOrText, jsonText } from './shapes.ts';

export const Edits = {
  input: Type.Optional(
    JsonOrText(
      'The input of the state that is executed again: of `state`, of `at`, or of the only one that has halted',
      {
        amount: 12,
      },
    ),
  ),
  patch: Type.Optional(
    Type.Unknown({
      description:
        'Instead of `input`: a JSON merge patch (RFC 7386) of the input that the state has. Members that are null go.',
      examples: [{ amount: 12 }],
    }),
  ),
  at: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description:
        'Which of several halted states gets the input: the names from the outermost on, branches and iterations by number.',
      examples: ['Each[3]/Charge'],
    }),
  ),
  state: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 80,
      description: 'The top-level state to go on in instead. Variables stay.',
    }),
  ),
  version: Type.Optional(Type.Integer({ minimum: 1, description: 'Go on with this version of the state machine.' })),
  revisionId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: `Go on with this revision of the state machine; \`${CURRENT}\` is the one that new executions get.`,
    }),
  ),
};
const EditsBody = Type.Object(Edits);

/** Edits whose input is a text. */
export const editsOf = ({ input, ...others }: Static<typeof EditsBody>): AskedEdits =>
  input === undefined ? others : { ...others, input: jsonText(input) };

/** Who is told of later; nobody while anybody may come in. */
export const byWhom = ({ caller }: FastifyRequest): string | undefined =>
  caller && caller !== ANYBODY ? (caller.name ?? caller.id) : undefined;

/** `/executions/{executionArn}/redrive`: to go on where an execution ended without success, with edits. */
export const redriving: Routes = (app, { contextOf }) => {
  app.post(
    '/executions/:executionArn/redrive',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'redriveExecution',
        summary: 'Go on where an execution ended without success, as it was or with edits',
        description: [
          'Once for each `clientToken` within 15 minutes, however the execution stands since. One that cannot be redriven, or not with these',
          'edits, is a 409.',
        ].join(' '),
        params: ExecutionParams,
        body: Type.Object(
          { ...Edits, clientToken: Type.Optional(ClientToken) },
          { examples: [{ patch: { amount: 12 } }] },
        ),
        response: { 200: Type.Object({ redriveDate: Instant }, { title: 'RedrivenExecution' }) },
      },
      config: { access: 'operate', idempotent: true, problems: EDIT_ERRORS },
    },
    async (request, reply) => {
      const context = contextOf(request, reply);
      const { clientToken, ...asked } = request.body;
      const edits = editsOf(asked);
      checkEdits(edits, context);
      const token = clientToken ?? request.idempotencyId ?? context.attemptId;
      const change = changeBy(edits, context, byWhom(request));
      return { redriveDate: instant(await redrive(request.params.executionArn, token, context, change)) };
    },
  );
};
