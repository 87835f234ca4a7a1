import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Check } from 'typebox/value';
import { apiError } from '../errors.ts';
import type { ApiDeps } from '../operation.ts';
import type { RestApp } from './app.ts';
import { IdempotencyKey } from './open-api.ts';
import { OwnProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The same for each attempt of one request, when its client says so. */
    idempotencyId: string | undefined;
  }
}

/** What is kept of an answer. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Claim {
  readonly key: string;
  readonly fingerprint: string;
}

const KEPT_HEADERS = ['content-type', 'location'] as const;

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) on the routes that say `idempotent`: a request that was answered with
 * success is not carried out again under its key, and is answered alike. One that failed may be sent again.
 */
export function addIdempotency(app: RestApp, { store: { answers } }: ApiDeps): void {
  const claims = new WeakMap<FastifyRequest, Claim>();
  app.decorateRequest('idempotencyId', undefined);

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (key === undefined || request.routeOptions.config.idempotent !== true) return;
    if (!Check(IdempotencyKey, key)) {
      throw apiError('ValidationException', 'The Idempotency-Key must be 1 to 255 visible ASCII characters.');
    }
    const claim = claimOf(request, key);
    const found = await answers.claim(claim.key, claim.fingerprint, request.id);
    if (found === 'yours') {
      claims.set(request, claim);
      request.idempotencyId = claim.key;
      return;
    }
    if (found.fingerprint !== claim.fingerprint) {
      throw new OwnProblem('IdempotencyKeyReused', 'The Idempotency-Key was sent with another request before.');
    }
    if (found.answer === undefined) {
      throw new OwnProblem('IdempotencyKeyInUse', 'A request with this Idempotency-Key is being carried out.');
    }
    return repeat(reply, JSON.parse(found.answer));
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const claim = claims.get(request);
    if (!claim) return;
    claims.delete(request);
    // A key that cannot be given back is free in a minute.
    if (reply.statusCode >= 300 || typeof payload !== 'string') await answers.release(claim.key).catch(() => undefined);
    else await answers.keep(claim.key, claim.fingerprint, JSON.stringify(answerOf(reply, payload)));
  });
}

function claimOf({ method, url, body, caller }: FastifyRequest, key: string): Claim {
  // Keys of different callers have nothing to do with each other.
  return { key: digest([caller?.id, key]), fingerprint: digest([method, url, body]) };
}

const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

function answerOf(reply: FastifyReply, body: string): Answer {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body };
}

const repeat = (reply: FastifyReply, { status, headers, body }: Answer): FastifyReply =>
  reply.code(status).headers(headers).header('idempotency-replayed', 'true').send(body);
