import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/** The OpenAPI document without its paths, which are made of the routes' schemas. */
export const OPEN_API: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Stepyard',
    version: '1',
    description: [
      'State machines, executions and activities for dashboards and scripts. What AWS Step Functions has an operation for is also',
      'there, in its own protocol, at `POST /`. Instants are RFC 3339 texts, names are those of AWS, ARNs in paths are percent-encoded',
      'where they must be. Errors are problems as of RFC 9457.',
    ].join(' '),
  },
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An access key: its id, a dot, and its secret.' },
    },
  },
  security: [{ bearer: [] }],
};
