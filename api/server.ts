import fastify, { type FastifyInstance } from 'fastify';
import { BODY_LIMIT } from './body.ts';
import { createDispatcher } from './dispatch.ts';
import { ApiError } from './errors.ts';
import { answerError, answerRaw } from './failures.ts';
import type { ApiDeps } from './operation.ts';

/** Clients reuse a socket for up to a minute: it is they who should close it, or a request meets a closing one. */
const KEEP_ALIVE_MS = 75_000;
/** Whoever sends slower than this is cut off. */
const HEADERS_MS = 15_000;
const REQUEST_MS = 60_000;
const CUT_OFF_EVERY_MS = 5_000;

const WELCOME = `Stepyard speaks the API of AWS Step Functions here: point an AWS SDK or the AWS CLI at this address.

  aws stepfunctions list-state-machines --endpoint-url http://this-address
`;

/** The HTTP server of the API: the caller makes it listen, and closes it. */
export function createApi(deps: ApiDeps): FastifyInstance {
  const waiting = new Set<AbortController>();
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    genReqId: () => deps.ids.uuid(),
    requestTimeout: REQUEST_MS,
    // A socket without traffic may hold a long poll: it is idle only after that.
    connectionTimeout: deps.config.pollMs + REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CUT_OFF_EVERY_MS },
    forceCloseConnections: 'idle',
    clientErrorHandler: answerRaw,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, deps.log),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-amzn-requestid', request.id);
    done();
  });
  app.addHook('preClose', async () => {
    for (const controller of waiting) controller.abort();
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, deps.log));
  app.setNotFoundHandler((request, reply) => {
    const error = new ApiError(
      'UnknownOperationException',
      `There is nothing at ${request.method} ${request.url}`,
      404,
    );
    return answerError(error, request, reply, deps.log);
  });
  app.get('/', (_request, reply) => reply.type('text/plain').send(WELCOME));
  app.get('/healthz', (_request, reply) => reply.type('application/json').send('{"status":"ok"}'));
  const dispatch = createDispatcher(deps, waiting);
  app.post('/', dispatch);
  app.post('/*', dispatch);
  return app;
}
