import cookie from '@fastify/cookie';
import fastify, { type FastifyHttpOptions, type FastifyInstance, type RawServerDefault } from 'fastify';
import { EXPRESS_SECONDS } from '../engine/index.ts';
import { ANYBODY } from './auth/caller.ts';
import { Gate } from './auth/gate.ts';
import { guardRoutes } from './auth/rest-gate.ts';
import { Sessions } from './auth/sessions.ts';
import { BODY_LIMIT } from './body.ts';
import { endConnectionsOnClose, endWaitingOnClose } from './closing.ts';
import { addCors } from './cors.ts';
import { createDispatcher } from './dispatch.ts';
import { ApiError } from './errors.ts';
import { answerError, answerRaw } from './failures.ts';
import { addMonitoring } from './monitoring.ts';
import type { ApiDeps } from './operation.ts';
import { contextOf } from './request-context.ts';
import { tellOfRequests } from './request-telemetry.ts';
import { addRest } from './rest/index.ts';
import { answerProblem } from './rest/problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** How long the server bears with slow and silent clients, in milliseconds. */
export interface Patience {
  /** Between requests of one connection. */
  readonly keepAliveMs: number;
  /** For the headers of a request to arrive. */
  readonly headersMs: number;
  /** For the whole of a request to arrive. */
  readonly requestMs: number;
  /** How often it looks for those who take longer. */
  readonly checkMs: number;
}

/** Clients reuse a connection for up to a minute: it is they who should close it, or a request meets a closing one. */
const PATIENCE: Patience = { keepAliveMs: 75_000, headersMs: 15_000, requestMs: 60_000, checkMs: 5_000 };

const WELCOME = `Stepyard speaks the API of AWS Step Functions here: point an AWS SDK or the AWS CLI at this address.

  aws stepfunctions list-state-machines --endpoint-url http://this-address

Its REST API is at /api/v1, and described at /api/v1/docs.
`;

/** The HTTP server of the API: the caller makes it listen, and closes it. */
export function createApi(deps: ApiDeps, patience: Patience = PATIENCE): FastifyInstance {
  const waiting = new Set<AbortController>();
  const app = fastify(optionsOf(deps, patience));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-amzn-requestid', request.id).headers(SECURITY_HEADERS);
    done();
  });
  app.register(cookie);
  tellOfRequests(app);
  addCors(app, deps.config.corsOrigins);
  endConnectionsOnClose(app);
  endWaitingOnClose(app, waiting);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, deps.log));
  app.setNotFoundHandler((request, reply) => {
    const text = `There is nothing at ${request.method} ${request.url}`;
    return answerError(new ApiError('UnknownOperationException', text, 404), request, reply, deps.log);
  });
  app.get('/', (_request, reply) => reply.type('text/plain').send(WELCOME));
  const gate = new Gate(deps);
  const sessions = new Sessions(deps.store.accessKeys);
  app.register((scope, _options, done) => {
    scope.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, deps.log));
    guardRoutes(scope, gate, sessions, deps.config.accountId);
    addMonitoring(scope, deps.monitoring);
    done();
  });
  const dispatch = createDispatcher(deps, gate, waiting);
  app.post('/', dispatch);
  app.post('/*', dispatch);
  addRest(app, {
    ...deps,
    gate,
    sessions,
    contextOf: (request, reply) =>
      contextOf(request, reply, deps, waiting, () => gate.isStillKnown(request.caller ?? ANYBODY)),
  });
  return app;
}

const optionsOf = (deps: ApiDeps, patience: Patience): FastifyHttpOptions<RawServerDefault> => ({
  bodyLimit: BODY_LIMIT,
  // ARNs are parts of paths.
  routerOptions: { maxParamLength: 2048 },
  genReqId: () => deps.ids.uuid(),
  requestTimeout: patience.requestMs,
  // A socket without traffic may hold a long poll or a synchronous execution: it is idle only after that.
  connectionTimeout: Math.max(deps.config.pollMs, EXPRESS_SECONDS * 1000) + patience.requestMs,
  keepAliveTimeout: patience.keepAliveMs,
  http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: patience.checkMs },
  forceCloseConnections: 'idle',
  clientErrorHandler: answerRaw,
  frameworkErrors: (error, request, reply) => answerError(error, request, reply, deps.log),
});
