import etag from '@fastify/etag';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { apiError } from '../errors.ts';
import type { RestApp, RestDeps, Routes } from './app.ts';
import { archive } from './archive.ts';
import { OPEN_API } from './open-api.ts';
import { answerProblem, Problem } from './problem.ts';
import { redriving } from './redrive.ts';
import { stateMachines } from './state-machines.ts';
import { validatorCompiler } from './validation.ts';

export const REST_PREFIX = '/api/v1';

/** All routes. */
const ROUTES: readonly Routes[] = [archive, redriving, stateMachines];

/** The REST API for dashboards: plain JSON, errors as problems, described by an OpenAPI document that is made of the routes. */
export function addRest(server: FastifyInstance, deps: RestDeps): void {
  server.register(
    async (scope) => {
      const app: RestApp = scope.withTypeProvider();
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
      app.setValidatorCompiler(validatorCompiler);
      app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, deps.log));
      app.addHook('onRoute', ({ url, config, schema }) => {
        if (config?.access === undefined && schema?.hide !== true)
          throw new Error(`The route ${url} does not say whom it is for`);
      });
      app.addSchema(Problem);
      await app.register(etag, { weak: true });
      await app.register(swagger, { openapi: OPEN_API });
      await app.register(swaggerUi, { routePrefix: '/docs', indexPrefix: REST_PREFIX, staticCSP: true });
      for (const add of ROUTES) add(app, deps);
      app.get('/openapi.json', { schema: { hide: true }, config: { access: 'read' } }, () => app.swagger());
      app.all('/*', { schema: { hide: true } }, ({ method, url }) => {
        throw apiError('ResourceNotFound', `${method} ${url}`);
      });
    },
    { prefix: REST_PREFIX },
  );
}
