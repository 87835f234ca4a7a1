import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { ApiError, type ErrorName } from '../errors.ts';
import { toldError } from '../failures.ts';
import type { Log } from '../operation.ts';

/** Errors as RFC 9457 tells them: `application/problem+json`. */

export const PROBLEM_JSON = 'application/problem+json';

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem: `urn:stepyard:problem:` and the name of the error.' }),
    title: Type.String({ description: 'The same for all problems of the type.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What is wrong with this request, and what would be right.' }),
    requestId: Type.String({ description: 'The id under which the server logged the request.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer to the part of the request that is wrong.' }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { $id: 'Problem' },
);
type Problem = Static<typeof Problem>;

/** What HTTP has a status of its own for; AWS answers most of it with 400. */
const STATUS: Partial<Record<ErrorName, number>> = {
  AccessDeniedException: 403,
  ActivityDoesNotExist: 404,
  ConflictException: 409,
  ExecutionAlreadyExists: 409,
  ExecutionDoesNotExist: 404,
  ExecutionLimitExceeded: 429,
  ExecutionNotRedrivable: 409,
  StateMachineAlreadyExists: 409,
  StateMachineDeleting: 409,
  StateMachineDoesNotExist: 404,
  ThrottlingException: 429,
  UnrecognizedClientException: 401,
};

/** `ExecutionDoesNotExist` as a sentence. */
const titleOf = (name: string): string => {
  const words = name.replace(/Exception$/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words;
};

/** Answers any error of a route as a problem; what is no fault of the client's is logged. */
export function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const invalid = invalidParts(thrown);
  const error = invalid ? new ApiError('ValidationException', detailOf(invalid)) : toldError(thrown);
  const status = STATUS[error.type] ?? error.status;
  if (status >= 500) {
    log.error(
      { err: thrown, requestId: request.id, url: request.routeOptions.url, answer: error.type },
      'request failed',
    );
  }
  if (status === 503 || status === 429) reply.header('retry-after', 1);
  const problem: Problem = {
    type: `urn:stepyard:problem:${error.type}`,
    title: titleOf(error.type),
    status,
    detail: error.message,
    requestId: request.id,
    ...(invalid && { errors: invalid }),
  };
  return reply.code(status).type(PROBLEM_JSON).send(JSON.stringify(problem));
}

/** What the schema of a route found wrong. */
function invalidParts(thrown: unknown): NonNullable<Problem['errors']> | undefined {
  if (!(thrown instanceof Error) || !('validation' in thrown)) return undefined;
  const { validation = [], validationContext = 'body' } = thrown as FastifyError;
  return validation.map(({ instancePath, message = 'is not valid', params }) => {
    const extra = params['additionalProperty'];
    return {
      pointer: `/${validationContext}${instancePath}`,
      detail: typeof extra === 'string' ? `has an unknown member ${JSON.stringify(extra.slice(0, 100))}` : message,
    };
  });
}

const detailOf = (parts: NonNullable<Problem['errors']>): string =>
  parts.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
