import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, apiError } from '../errors.ts';
import { ANYBODY, type Caller, callerArn, mayDo } from './caller.ts';
import { bearerToken, type Gate } from './gate.ts';
import type { Access } from './permissions.ts';
import type { Sessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to do; `known`: nothing, but to have a key; `anybody`: not even that. */
    access?: Access | 'known' | 'anybody';
  }
  interface FastifyRequest {
    /** Who sent it; null where nobody asked. */
    caller: Caller | null;
  }
}

/** What a form of another site cannot send. */
const CSRF_HEADER = 'x-stepyard-csrf';
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets requests through to the routes of a scope by the access that they declare, and tells of changes. A route that declares none
 * cannot be added, unless it is hidden from the documentation: then it is for readers.
 */
export function guardRoutes(app: FastifyInstance, gate: Gate, sessions: Sessions, accountId: string): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ url, config, schema }) => {
    if (config?.access === undefined && schema?.hide !== true)
      throw new Error(`The route ${url} does not say whom it is for`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const { config, url = '' } = request.routeOptions;
    const { access = 'read' } = config;
    if (access === 'anybody') return;
    const asked = { operation: `${request.method} ${url}`, requestId: request.id, from: request.ip };
    try {
      request.caller = await identify(request, gate, sessions);
      if (access !== 'known' && !mayDo(request.caller, access)) {
        throw new ApiError('AccessDeniedException', refusal(request.caller, access, accountId));
      }
      await gate.throttle(request.caller);
    } catch (error) {
      gate.told(error, { key: request.caller?.id, ...asked });
      // Nothing was changed: that it was refused is all there is to tell.
      request.caller = null;
      if (isUnknown(error)) reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  });
  app.addHook('onResponse', async ({ caller, routeOptions, method, id, ip, params }, reply) => {
    const { access = 'read' } = routeOptions.config;
    if (access === 'read' || !caller || caller === ANYBODY || READS.has(method)) return;
    const [resource] = Object.values(params ?? {}).map(String);
    const operation = `${method} ${routeOptions.url ?? ''}`;
    gate.audit.changed({ caller, operation, resource, requestId: id, from: ip }, outcomeOf(reply));
  });
}

/** @throws ApiError MissingAuthenticationTokenException, UnrecognizedClientException, AccessDeniedException; StoreUnavailable */
async function identify(request: FastifyRequest, gate: Gate, sessions: Sessions): Promise<Caller> {
  if (await gate.isOpen(request.headers)) return ANYBODY;
  const token = bearerToken(request.headers.authorization);
  if (token !== undefined) return gate.bearer(token);
  const keyId = await sessions.keyOf(request);
  const key = keyId === undefined ? undefined : await gate.keyOf(keyId);
  if (!key) throw apiError('MissingAuthenticationTokenException');
  if (isForgeable(request)) {
    throw new ApiError(
      'AccessDeniedException',
      `A change by a session needs the header ${CSRF_HEADER}, or content-type application/json`,
    );
  }
  return key;
}

/** Whether another site could make a browser send this. */
const isForgeable = ({ method, headers }: FastifyRequest): boolean =>
  !READS.has(method) &&
  headers[CSRF_HEADER] === undefined &&
  !/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');

const refusal = (caller: Caller, access: Access, accountId: string): string =>
  `${callerArn(caller, accountId)} has the role ${caller.role}, which does not include to ${access}`;

const isUnknown = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.type === 'MissingAuthenticationTokenException' || error.type === 'UnrecognizedClientException');

const outcomeOf = ({ statusCode }: FastifyReply): string => (statusCode < 400 ? 'ok' : String(statusCode));
