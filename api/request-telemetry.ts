import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type RequestAnswered, TELEMETRY } from '../engine/index.ts';
import { OPERATIONS } from './operations/index.ts';

/** Which execution or machine a request is about, as far as it says so. */
export type RequestSubject = Pick<RequestAnswered, 'executionArn' | 'stateMachineArn'>;

declare module 'fastify' {
  interface FastifyRequest {
    subject: RequestSubject | null;
  }
}

/** Tells of every request that was answered (`TELEMETRY.requestAnswered`). */
export function tellOfRequests(app: FastifyInstance): void {
  app.decorateRequest('subject', null);
  app.addHook('onResponse', (request, reply, done) => {
    if (TELEMETRY.requestAnswered.isHeard) {
      const operation = operationOf(request);
      if (operation !== undefined) TELEMETRY.requestAnswered.publish(messageOf(operation, request, reply));
    }
    done();
  });
}

/** Takes down what a request is about, when anybody wants to know. */
export function noteSubject(request: FastifyRequest, input: unknown): void {
  if (!TELEMETRY.requestAnswered.isHeard) return;
  const { executionArn, stateMachineArn } = input as Record<string, unknown>;
  request.subject = {
    ...(typeof executionArn === 'string' && { executionArn }),
    ...(typeof stateMachineArn === 'string' && { stateMachineArn }),
  };
}

const NAMES: ReadonlyMap<string, string> = new Map(OPERATIONS.map(({ name }) => [`AWSStepFunctions.${name}`, name]));

/** Names of operations, of either API: what clients make up is `unknown`. Undefined for what is no request of an API. */
function operationOf({ method, headers, routeOptions }: FastifyRequest): string | undefined {
  const { schema } = routeOptions;
  if (schema && 'operationId' in schema && typeof schema.operationId === 'string') return schema.operationId;
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return NAMES.get(target) ?? 'unknown';
  return method === 'POST' ? 'unknown' : undefined;
}

function messageOf(operation: string, { id, subject }: FastifyRequest, reply: FastifyReply): RequestAnswered {
  const { statusCode: status, elapsedTime: ms } = reply;
  const error = reply.getHeader('x-amzn-errortype');
  const failed = typeof error === 'string' ? error : `HTTP ${status}`;
  return { operation, outcome: status < 400 ? 'ok' : failed, status, ms, requestId: id, ...subject };
}
