import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import Type, { type TSchema } from 'typebox';
import { ERRORS } from '../errors.ts';
import { PROBLEM_JSON, Problem, type ProblemName, statusOf } from './problem.ts';

/** The OpenAPI document without its paths, which are made of the routes' schemas. */
const OPEN_API: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Stepyard',
    version: '1',
    description: [
      'State machines, executions and activities for dashboards and scripts. What AWS Step Functions has an operation for is also',
      'there, in its own protocol, at `POST /`. Instants are RFC 3339 texts, names are those of AWS, ARNs in paths are percent-encoded',
      'where they must be. Lists have pages: what a page answers as `nextToken` is sent with the request for the next. Errors are',
      'problems as of RFC 9457. Answers have a weak `ETag`: sent as `If-None-Match`, it is answered 304 while nothing has changed.',
    ].join(' '),
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'This server' }],
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An access key: its id, a dot, and its secret.' },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: 'stepyard_session',
        description: 'What `POST /session` gives to browsers.',
      },
    },
  },
  security: [{ bearer: [] }, { session: [] }],
};

const ACCESS_TOLD = {
  anybody: 'For anybody.',
  known: 'For any key.',
  read: 'Needs access to `read`.',
  operate: 'Needs access to `operate`.',
  work: 'Needs access to `work`.',
  administer: 'Needs access to `administer`.',
} as const;

/** How `@fastify/swagger` makes the document. */
export const DOCUMENT: FastifyDynamicSwaggerOptions = {
  openapi: OPEN_API,
  transform: ({ schema, url, route }) => {
    const { config, method } = route;
    if (!schema || schema.hide) return { schema: { ...schema, hide: true }, url };
    const { access, idempotent = false, problems = [] } = config ?? {};
    const names = new Set<ProblemName>([...COMMON, ...(method === 'GET' ? [] : IN_BODIES), ...problems]);
    if (idempotent) for (const name of KEY_PROBLEMS) names.add(name);
    const written = {
      ...schema,
      description: [schema.description, access && ACCESS_TOLD[access]].filter(Boolean).join('\n\n'),
      ...(schema.querystring !== undefined && { querystring: optionalByDefault(schema.querystring) }),
      ...(schema.body !== undefined && { body: optionalByDefault(schema.body) }),
      ...(access === 'anybody' && { security: [] }),
      ...(idempotent && { headers: Type.Object({ 'idempotency-key': Type.Optional(IdempotencyKey) }) }),
      response: { ...problemResponses(names), ...Object(schema.response) },
    };
    return { schema: written, url };
  },
  transformObject: (document) =>
    'openapiObject' in document ? withComponents(document.openapiObject) : document.swaggerObject,
};

export const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: '^[!-~]+$',
  description:
    'Makes the request safe to repeat: for a day, the same key with the same request gets the same answer, and nothing is done twice.',
  examples: ['8e03978e-40d5-43e8-bc93-6894a57f9324'],
});

const COMMON: readonly ProblemName[] = [
  'AccessDeniedException',
  'InternalFailure',
  'MissingAuthenticationTokenException',
  'ServiceUnavailable',
  'ThrottlingException',
  'UnrecognizedClientException',
  'ValidationException',
];
const IN_BODIES: readonly ProblemName[] = [
  'RequestEntityTooLargeException',
  'SerializationException',
  'UnsupportedMediaType',
];
const KEY_PROBLEMS: readonly ProblemName[] = ['IdempotencyKeyInUse', 'IdempotencyKeyReused'];

function problemResponses(names: ReadonlySet<ProblemName>): Record<string, object> {
  const byStatus = Map.groupBy([...names].sort(), (name) =>
    statusOf(name, name in ERRORS ? ERRORS[name as keyof typeof ERRORS].status : 500),
  );
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: `A problem: ${group.map((name) => `\`${name}\``).join(', ')}.`,
        content: { [PROBLEM_JSON]: { schema: Problem } },
      },
    ]),
  );
}

/** What has a default is there in a route, but need not be sent. */
function optionalByDefault(schema: unknown): object {
  const {
    properties = {},
    required = [],
    ...rest
  } = Object(schema) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  const needed = required.filter((name) => !('default' in (properties[name] ?? {})));
  return { ...rest, properties, ...(needed.length > 0 && { required: needed }) };
}

/** Schemas with a title become components of that name, so that readers and generated clients have names for them. */
function withComponents(document: object): object {
  const schemas: Record<string, unknown> = {};
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((each) => visit(each));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value);
    const copy = () => Object.fromEntries(members.map(([key, each]) => [key, AS_IT_IS.has(key) ? each : visit(each)]));
    const { title, type } = value as { title?: unknown; type?: unknown };
    if (typeof title !== 'string' || type === undefined) return copy();
    const { title: _title, ...schema } = copy();
    schemas[title] ??= schema;
    return { $ref: `#/components/schemas/${title}` };
  };
  const visited = visit(document) as { components: object };
  return { ...visited, components: { ...visited.components, schemas: sorted(schemas) } };
}

/** Data, which may look like anything. */
const AS_IT_IS: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum', 'const']);

const sorted = (members: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Where a schema is told only, as for streams and texts that are sent as they are. */
export const told = (description: string, mediaType: string, schema: TSchema, example?: unknown) => ({
  description,
  content: { [mediaType]: { schema, ...(example !== undefined && { example }) } },
});
