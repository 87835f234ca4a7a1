import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Json } from '../../schemas/json.ts';
import { type Check, createConstraints } from '../constraints.ts';
import type { ErrorName } from '../errors.ts';
import type { ApiDeps, Context, JsonText, Loose, Operation } from '../operation.ts';

/** Calls operations of the AWS API for routes: with what a client may ask there, it may ask here. */
export type Call = <I extends TSchema, O extends TSchema, A extends Loose<Static<O>> | JsonText>(
  operation: Operation<string, I, O, ErrorName, A>,
  input: Loose<Static<I>>,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<A>;

export function createCall(
  { config }: ApiDeps,
  contextOf: (request: FastifyRequest, reply: FastifyReply) => Context<never>,
): Call {
  const { maxPayloadBytes: payload, maxDefinitionBytes: definition } = config;
  const compile = createConstraints({ payload, definition });
  const checks = new Map<string, Check>();

  return async (operation, input, request, reply) => {
    let check = checks.get(operation.name);
    if (!check) {
      check = compile(operation.input);
      checks.set(operation.name, check);
    }
    const { idempotencyId } = request;
    const context = contextOf(request, reply);
    const attempt = idempotencyId === undefined ? context : { ...context, attemptId: idempotencyId };
    return operation.handle(check(input as Json) as Static<typeof operation.input>, attempt);
  };
}
