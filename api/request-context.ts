import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseTraceparent } from '../schemas/trace.ts';
import { Connection } from './connection.ts';
import { apiError } from './errors.ts';
import type { ApiDeps, Context } from './operation.ts';

/**
 * What a handler knows of its request.
 *
 * @param waiting requests that wait for something, for the server to end when it closes
 * @param isStillKnown whether who sent it would be let in again
 */
export function contextOf(
  { id, headers, raw: sent }: FastifyRequest,
  { raw }: FastifyReply,
  deps: ApiDeps,
  waiting: Set<AbortController>,
  isStillKnown: Context['isStillKnown'],
): Context<never> {
  return {
    ...deps,
    isStillKnown,
    region: signedRegion(headers.authorization) ?? deps.config.region,
    requestId: id,
    attemptId: attemptOf(headers['amz-sdk-invocation-id']) ?? id,
    ...traceOf(headers['traceparent']),
    client: new Connection(sent, raw, waiting),
    reject: apiError,
  };
}

const CREDENTIAL = /Credential=[^/,\s]+\/\d{8}\/([a-z0-9-]{1,32})\//;

/** The region that a request is signed for: clients expect theirs in the ARNs they get. */
const signedRegion = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : CREDENTIAL.exec(authorization)?.[1];

const traceOf = (header: string | string[] | undefined): Pick<Context, 'traceparent'> =>
  typeof header === 'string' && parseTraceparent(header) ? { traceparent: header } : {};

/** SDKs send one id with every attempt of a call. */
const attemptOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[\w-]{16,64}$/.test(header) ? header : undefined;
