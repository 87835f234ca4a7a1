import { Ajv } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';

/** Unknown members are errors: a filter that is misspelt must not find everything. */
const OPTIONS = {
  strict: false,
  removeAdditional: false,
  useDefaults: true,
  formats: { 'date-time': isInstant },
} as const;

/** Of a URL everything is text, so numbers and booleans are read from it; a body says itself what it is. */
const readsText = new Ajv({ ...OPTIONS, allErrors: true, coerceTypes: 'array' });
/** What is wrong first, since a body may have a million faults: to tell of each would take gigabytes. */
const takesJson = new Ajv({ ...OPTIONS, coerceTypes: false });

/** RFC 3339. */
function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text) && !Number.isNaN(Date.parse(text));
}

/** Compiles the schemas of routes. Objects are closed unless they say otherwise. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? takesJson : readsText).compile(
    httpPart === 'headers' ? schema : { additionalProperties: false, ...schema },
  );
