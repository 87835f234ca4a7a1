import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { guardRoutes } from '../auth/rest-gate.ts';
import { readBody } from '../body.ts';
import { activities } from './activities.ts';
import type { RestApp, RestDeps, Routes } from './app.ts';
import { archive } from './archive.ts';
import { createCall } from './call.ts';
import { counts } from './counts.ts';
import { definitions } from './definitions.ts';
import { executionEvents } from './execution-events.ts';
import { executionSearch } from './execution-search.ts';
import { executions } from './executions.ts';
import { explanation } from './explanation.ts';
import { addFallback } from './fallback.ts';
import { history } from './history.ts';
import { addIdempotency } from './idempotency.ts';
import { live } from './live.ts';
import { mapRuns } from './map-runs.ts';
import { addEntityTags } from './not-modified.ts';
import { DOCUMENT } from './open-api.ts';
import { answerProblem } from './problem.ts';
import { published } from './published.ts';
import { redriving } from './redrive.ts';
import { redrives } from './redrives.ts';
import { searchAttributes } from './search-attributes.ts';
import { session } from './session.ts';
import { stateMachines } from './state-machines.ts';
import { Streams } from './streams.ts';
import { validatorCompiler } from './validation.ts';
import { webhooks } from './webhooks.ts';

export const REST_PREFIX = '/api/v1';

/** All routes, in the order of the documentation. */
const ROUTES: readonly Routes[] = [
  executionSearch,
  executions,
  redriving,
  redrives,
  history,
  executionEvents,
  explanation,
  mapRuns,
  counts,
  live,
  stateMachines,
  published,
  activities,
  searchAttributes,
  definitions,
  webhooks,
  archive,
  session,
];

/** What the page of the documentation may load: nothing from elsewhere, and no more than it must. */
const PAGE_POLICY =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'self'; object-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

const PAGE_THEME = {
  title: 'Stepyard REST API',
  css: [{ filename: 'page.css', content: '.swagger-ui .topbar { display: none }' }],
};

/** The REST API for dashboards: plain JSON, errors as problems, described by an OpenAPI document that is made of the routes. */
export function addRest(server: FastifyInstance, given: Omit<RestDeps, 'call' | 'streams'>): void {
  const streams = new Streams(given.config.maxStreams, (caller) => given.gate.isStillKnown(caller));
  const deps: RestDeps = { ...given, streams, call: createCall(given, given.contextOf) };
  server.register((scope, _options, done) => void addRoutes(scope.withTypeProvider(), deps).then(() => done(), done), {
    prefix: REST_PREFIX,
  });
}

async function addRoutes(app: RestApp, deps: RestDeps): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    readBody(body),
  );
  app.setValidatorCompiler(validatorCompiler);
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, deps.log));
  guardRoutes(app, deps.gate, deps.sessions, deps.config.accountId);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', request.method === 'GET' ? 'private, no-cache' : 'no-store');
  });
  // A body whose members may all be absent may be absent itself.
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.schema?.body) request.body ??= {};
  });
  addEntityTags(app);
  addIdempotency(app, deps);
  await app.register(swagger, DOCUMENT);
  // They tell what anybody may read in the code, and a browser that comes for them has no key yet.
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith(`${REST_PREFIX}/docs`)) route.config = { ...route.config, access: 'anybody' };
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: REST_PREFIX,
    staticCSP: PAGE_POLICY,
    theme: PAGE_THEME,
  });
  addFallback(app);
  for (const add of ROUTES) add(app, deps);
  app.get('/', { schema: { hide: true }, config: { access: 'anybody' } }, (_request, reply) =>
    reply.redirect(`${REST_PREFIX}/docs`),
  );
  app.get('/openapi.json', { schema: { hide: true }, config: { access: 'anybody' } }, () => app.swagger());
}
