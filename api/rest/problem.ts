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
  {
    title: 'Problem',
    examples: [
      {
        type: 'urn:stepyard:problem:ExecutionDoesNotExist',
        title: 'Execution does not exist',
        status: 404,
        detail: "Execution Does Not Exist: 'arn:aws:states:us-east-1:000000000000:execution:orders:1'",
        requestId: '6f1c7c1e-7f7c-4f0c-9d8e-3a4b5c6d7e8f',
      },
    ],
  },
);
type Problem = Static<typeof Problem>;

/** What only this API can answer, with its status. */
const OWN = {
  IdempotencyKeyInUse: 409,
  IdempotencyKeyReused: 422,
  MethodNotAllowed: 405,
  TooManyStreams: 503,
  UnsupportedMediaType: 415,
} as const;

export type ProblemName = ErrorName | keyof typeof OWN;

/** A problem that the AWS API does not know. */
export class OwnProblem extends Error {
  readonly type: keyof typeof OWN;

  constructor(type: keyof typeof OWN, detail: string) {
    super(detail);
    this.type = type;
  }
}

/** What HTTP has a status of its own for; AWS answers most of it with 400. */
const STATUS: Partial<Record<ProblemName, number>> = {
  AccessDeniedException: 403,
  ActivityDoesNotExist: 404,
  ConflictException: 409,
  ExecutionAlreadyExists: 409,
  ExecutionDoesNotExist: 404,
  ExecutionLimitExceeded: 429,
  ExecutionNotRedrivable: 409,
  MissingAuthenticationTokenException: 401,
  StateMachineAlreadyExists: 409,
  StateMachineDeleting: 409,
  StateMachineDoesNotExist: 404,
  ThrottlingException: 429,
  UnrecognizedClientException: 401,
  ...OWN,
};

/** The status of a problem; `otherwise` is that of the AWS API. */
export const statusOf = (name: ProblemName, otherwise: number): number => STATUS[name] ?? otherwise;

/** `ExecutionDoesNotExist` as a sentence. */
const titleOf = (name: string): string =>
  name.replace(/Exception$/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Answers any error of a route as a problem; what is no fault of the client's is logged. */
export function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const invalid = invalidParts(thrown);
  const error = problemOf(thrown, invalid);
  const status = statusOf(error.type, error.status);
  if (status >= 500 && error.type !== 'TooManyStreams') {
    log.error(
      { err: thrown, requestId: request.id, url: request.routeOptions.url, answer: error.type },
      'request failed',
    );
  }
  if (status === 503 || status === 429) reply.header('retry-after', error.retryAfterS ?? 1);
  const problem: Problem = {
    type: `urn:stepyard:problem:${error.type}`,
    title: titleOf(error.type),
    status,
    detail: error.detail,
    requestId: request.id,
    ...(invalid && { errors: invalid }),
  };
  return reply.code(status).type(PROBLEM_JSON).header('cache-control', 'no-store').send(JSON.stringify(problem));
}

interface Told {
  readonly type: ProblemName;
  readonly status: number;
  readonly detail: string;
  /** In seconds. */
  readonly retryAfterS?: number | undefined;
}

function problemOf(thrown: unknown, invalid: Problem['errors']): Told {
  if (thrown instanceof OwnProblem) return { type: thrown.type, status: OWN[thrown.type], detail: thrown.message };
  if (isMediaTypeError(thrown)) {
    return { type: 'UnsupportedMediaType', status: 415, detail: 'A body is to be of the type application/json.' };
  }
  const { type, status, message, retryAfterS } = invalid
    ? new ApiError('ValidationException', detailOf(invalid))
    : toldError(thrown);
  return { type, status, detail: message, retryAfterS };
}

const isMediaTypeError = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';

/** What the schema of a route found wrong. */
function invalidParts(thrown: unknown): NonNullable<Problem['errors']> | undefined {
  if (!(thrown instanceof Error) || !('validation' in thrown)) return undefined;
  const { validation = [], validationContext = 'body' } = thrown as FastifyError;
  return told(validation).map(({ instancePath, message = 'is not valid', params }) => {
    const extra = params['additionalProperty'];
    const allowed = params['allowedValues'];
    const unknown = typeof extra === 'string' && `has an unknown member ${JSON.stringify(extra.slice(0, 100))}`;
    const choice = Array.isArray(allowed) && `must be one of ${allowed.join(', ')}`;
    return { pointer: `/${validationContext}${instancePath}`, detail: unknown || choice || message };
  });
}

/** Of a member that may be null besides, what is wrong with it as it is: that it is not null either helps nobody. */
function told(errors: NonNullable<FastifyError['validation']>): NonNullable<FastifyError['validation']> {
  const isChoice = (keyword: string): boolean => keyword === 'anyOf';
  const nullable = new Set(errors.filter(({ keyword }) => isChoice(keyword)).map(({ instancePath }) => instancePath));
  const isNoise = ({ keyword, params, instancePath }: (typeof errors)[number]): boolean =>
    nullable.has(instancePath) && (isChoice(keyword) || (keyword === 'type' && params['type'] === 'null'));
  const plain = errors.filter((error) => !isNoise(error));
  return plain.length > 0 ? plain : errors;
}

const detailOf = (parts: NonNullable<Problem['errors']>): string =>
  parts.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
