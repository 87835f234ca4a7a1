import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../schemas/json.ts';
import { type RunningApi, runApi } from '../support/running-api.ts';
import { Rest } from './support.ts';

/** The OpenAPI document: whole, sound, and nothing in it that is not tested. */

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: object }[];
  readonly requestBody?: { content: Record<string, { schema: object }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema?: object }> }>;
  readonly security?: readonly object[];
}

interface Document {
  readonly openapi: string;
  readonly info: { title: string; version: string; description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: JsonObject; securitySchemes: JsonObject };
  readonly security: readonly Record<string, unknown>[];
}

let api: RunningApi;
let rest: Rest;
let document: Document;
let operations: (Operation & { path: string; method: string })[];

beforeAll(async () => {
  api = await runApi();
  rest = new Rest(api.port);
  document = (await rest.get('/openapi.json')).body as unknown as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
  );
});
afterAll(() => api.close());

/** All objects in it that have the member. */
function having(member: string, value: unknown): JsonObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap((each) => having(member, each));
  return Object.hasOwn(value, member) ? [value as JsonObject, ...inside] : inside;
}

/** The name that tests begin with: the id of the operation. */
const TESTS = fileURLToPath(new URL('..', import.meta.url));
const testTexts = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('document.test.ts'))
  .map((file) => readFileSync(`${TESTS}/${file}`, 'utf8'));

describe('the OpenAPI document', () => {
  test('is of OpenAPI 3.1 and says what it is about', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Stepyard', version: '1' } });
    expect(document.info.description.length).toBeGreaterThan(100);
  });

  test('has an id of its own, a tag, a summary and who may for each operation', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.every((id) => /^[a-z][A-Za-z]+$/.test(id ?? ''))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, tags, summary, description } of operations) {
      expect([operationId, tags?.length, typeof summary]).toEqual([operationId, 1, 'string']);
      expect(description, operationId).toMatch(/For any|Needs access to `\w+`/);
    }
  });

  test('declares the parameters of each path, and no others', () => {
    for (const { operationId, path, parameters = [] } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((each) => each.in === 'path');
      expect([operationId, declared.map(({ name }) => name)]).toEqual([operationId, inPath]);
      expect(declared.every(({ required, schema }) => required === true && schema !== undefined)).toBe(true);
    }
  });

  test('has a success and the problems of each operation, all with a description', () => {
    for (const { operationId, responses, method } of operations) {
      const statuses = Object.keys(responses);
      expect([operationId, statuses.some((status) => status.startsWith('2'))]).toEqual([operationId, true]);
      expect(statuses, operationId).toEqual(expect.arrayContaining(['400', '401', '403', '429', '500', '503']));
      if (method !== 'get' && method !== 'delete')
        expect(statuses, operationId).toEqual(expect.arrayContaining(['413', '415']));
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(description, `${operationId} ${status}`).not.toBe('');
        const types = Object.keys(content ?? {});
        if (!status.startsWith('2')) expect(types, `${operationId} ${status}`).toEqual(['application/problem+json']);
      }
    }
  });

  test('tells streams as such', () => {
    const streams = operations.filter(({ responses }) => responses['200']?.content?.['text/event-stream']);
    expect(streams.map(({ operationId }) => operationId).sort()).toEqual(['followAll', 'followExecution']);
  });

  test('has a target for every $ref, under a name that says something', () => {
    const names = new Set(Object.keys(document.components.schemas));
    const refs = having('$ref', document).map(({ $ref }) => String($ref));
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of refs) expect(names).toContain(ref.replace('#/components/schemas/', ''));
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  test('has schemas that mean something, and examples that fit them', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: true });
    ajv.addSchema(document, 'document');
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const fits = ajv.compile({ $ref: `document#/components/schemas/${name}` });
      for (const example of (schema as { examples?: unknown[] }).examples ?? []) {
        expect([name, fits(example), fits.errors]).toEqual([name, true, null]);
      }
    }
    for (const { operationId, requestBody } of operations) {
      const { schema } = requestBody?.content['application/json'] ?? {};
      if (schema)
        expect(schema, operationId).toSatisfy(
          (each: object) => '$ref' in each || 'examples' in each || 'properties' in each,
        );
    }
  });

  test('says how callers are known', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    for (const requirement of document.security)
      expect(schemes).toEqual(expect.arrayContaining(Object.keys(requirement)));
    expect(
      operations
        .filter(({ security }) => security?.length === 0)
        .map(({ operationId }) => operationId)
        .sort(),
    ).toEqual(['logIn', 'logOut']);
  });

  test('has no operation that no test is about', () => {
    const untested = operations.filter(({ operationId = '', path, method }) => {
      const named = new RegExp(`'[^'\\n]*\\b${operationId}\\b:? `);
      const asked = `/${path.split('/').findLast((part) => !part.startsWith('{'))}`;
      const sent = method === 'get' ? '' : `'${method.toUpperCase()}'`;
      return !testTexts.some((text) => named.test(text) || (text.includes(asked) && text.includes(sent)));
    });
    expect(untested.map(({ operationId }) => operationId)).toEqual([]);
  });
});

describe('its page', () => {
  test('is where the API begins', async () => {
    expect(await rest.get('')).toMatchObject({ status: 302, headers: { location: '/api/v1/docs' } });
  });

  test('loads nothing from elsewhere', async () => {
    const page = await rest.get('/docs/');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => String(source));
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      const { pathname } = new URL(source, 'http://here/api/v1/docs/');
      expect([source, (await rest.get(pathname.replace('/api/v1', ''))).status]).toEqual([source, 200]);
    }
    expect(page.text).not.toMatch(/<script>|style="/);
  });
});
