import type { ApiConfig, ApiDeps } from '../../api/operation.ts';
import { createApi } from '../../api/server.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import { code, codes, page, table } from './markdown.ts';
import type { Shape } from './shape.ts';

/** The page about the REST API is made of its OpenAPI document, which is made of its routes. */

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Schema extends Shape {
  readonly $ref?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Document {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const { info, paths, components } = await readDocument();

const ANY_ABOUT = `Any request may be answered 401 or 403 (no key, or one that may not), 413 or 415 (a body too large, or no JSON), 429, 500 or 503
(come again: ${code('retry-after')} says when): see ${code('type')} of the [Problem](#problem).`;

export function restPage(): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '');
  return page(
    'REST API',
    `${info.description} The OpenAPI document is at ${code('/api/v1/openapi.json')}, a page to browse it at ${code('/api/v1/docs')}.`,
    ANY_ABOUT,
    ...[...groups].flatMap(([tag, members]) => [`## ${tag}`, ...members.flatMap(operationParts)]),
    '## Shapes',
    ...Object.entries(components.schemas).flatMap(([name, schema]) => shapeParts(name, schema)),
  );
}

function operationParts({ path, method, operation }: { path: string; method: string; operation: Operation }): string[] {
  const { summary, description = '', parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  return [
    `### ${method.toUpperCase()} ${path}`,
    `${summary}. ${description.replaceAll('\n\n', ' ')}`,
    ...(parameters.length > 0 ? [parameterTable(parameters)] : []),
    ...(body ? [body.$ref ? `Body: ${typeOf(body)}.` : memberTable('Body', body)] : []),
    table(
      ['Status', 'Answer'],
      Object.entries(responses)
        .filter(isOwn)
        .map(([status, { description: about, content }]) => [status, answerOf(about, content)]),
    ),
  ];
}

const parameterTable = (parameters: readonly Parameter[]): string =>
  table(
    ['Parameter', 'In', 'Type', 'Required', 'About'],
    parameters.map(({ name, in: place, schema, required, description = schema.description ?? '' }) => [
      code(name),
      place,
      typeOf(schema),
      required ? 'yes' : '',
      description,
    ]),
  );

/** Whether an answer is none that any request may get. */
const isOwn = ([status, { description }]: [string, { readonly description: string }]): boolean =>
  !ANY.has(status) || (status === '503' && !description.endsWith(' `ServiceUnavailable`.'));

const ANY: ReadonlySet<string> = new Set(['401', '403', '413', '415', '429', '500', '503']);

/** Of a success, what it has; of problems, which they are. */
function answerOf(about: string, content: Content = {}): string {
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(content);
  if (type === 'application/problem+json') return about.replace('A problem: ', '');
  if (type === 'text/event-stream') return 'a stream of events';
  return type === '' ? about : typeOf(schema);
}

function shapeParts(name: string, schema: Schema): string[] {
  const parts = [`### ${name}`];
  if (schema.description) parts.push(schema.description);
  if (schema.properties) parts.push(memberTable('Member', schema));
  return parts;
}

function memberTable(title: string, { properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => [
    code(name),
    typeOf(schema),
    required.includes(name) ? 'yes' : '',
    schema.description ?? '',
  ]);
  return table([title, 'Type', title === 'Body' ? 'Required' : 'Always', 'About'], rows);
}

function typeOf(schema: Schema): string {
  const { $ref, type, items, anyOf } = schema;
  if ($ref) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.enum) return codes(schema.enum);
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${items ? typeOf(items) : 'values'}`;
  return WORDS[String(type ?? '')] ?? 'any JSON';
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
};

/** Routes say what they are without anybody asking for them. */
async function readDocument(): Promise<Document> {
  const config: Partial<ApiConfig> = { corsOrigins: [], pollMs: 0, maxStreams: 0 };
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const needed: Partial<Record<keyof ApiDeps, unknown>> = {
    store: createMemoryStore(),
    config,
    log,
    ids: { uuid: () => '' },
    monitoring: {},
    machines: {},
    webhooks: {},
  };
  const app = createApi(needed as unknown as ApiDeps);
  const { statusCode, payload } = await app.inject('/api/v1/openapi.json');
  await app.close();
  if (statusCode !== 200) throw new Error(`There is no OpenAPI document: ${payload}`);
  return JSON.parse(payload) as Document;
}
