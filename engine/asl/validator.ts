import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { stateSchemas } from '../../schemas/asl/index.ts';
import { branch, machine, processor } from '../../schemas/asl/machine.ts';
import { FORMATS, type KEYWORDS, type Language, type Schema } from '../../schemas/asl/schema.ts';
import { isTimestamp } from '../../schemas/asl/timestamp.ts';
import type { StateType } from '../../schemas/definition.ts';
import type { JsonObject } from '../../schemas/json.ts';

/** A schema and its compiled check; `other` is the same object's schema in the other query language. */
export interface Check {
  readonly schema: Schema;
  readonly other: Schema;
  readonly errors: (value: unknown) => readonly ErrorObject[];
}

/** Whether a member is there. `"End": false` says the same as no `End`. */
const isPresent = (data: JsonObject, name: string): boolean =>
  Object.hasOwn(data, name) && !(name === 'End' && data[name] === false);

export const countPresent = (data: JsonObject, names: readonly string[]): number =>
  names.filter((name) => isPresent(data, name)).length;

const isExpression = (text: string): boolean => text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');

const COUNTS: { readonly [keyword in keyof typeof KEYWORDS]: (count: number) => boolean } = {
  atMostOneOf: (count) => count <= 1,
  exactlyOneOf: (count) => count === 1,
  kindOfRule: (count) => count === 1,
  needs: (count) => count >= 1,
};

function createAjv(): Ajv {
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true, verbose: true });
  ajv.addFormat(FORMATS.timestamp, isTimestamp);
  ajv.addFormat(FORMATS.expression, isExpression);
  ajv.addFormat(FORMATS.timestampOrExpression, (text) => isTimestamp(text) || isExpression(text));
  for (const [keyword, accepts] of Object.entries(COUNTS)) {
    ajv.addKeyword({
      keyword,
      type: 'object',
      schemaType: 'array',
      compile: (names: readonly string[]) => (data: JsonObject) => accepts(countPresent(data, names)),
    });
  }
  return ajv;
}

const ajv = createAjv();

function createCheck(schema: Schema, other: Schema): Check {
  const validate: ValidateFunction = ajv.compile(schema);
  return { schema, other, errors: (value) => (validate(value) ? [] : (validate.errors ?? [])) };
}

/** Compiles at the first call: a process that never sees a Map in JSONata never pays for its schema. */
function once<A extends string, T>(create: (key: A) => T): (key: A) => T {
  const made = new Map<A, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = create(key);
    made.set(key, fresh);
    return fresh;
  };
}

const scopeSchemas = { machine, branch, processor } as const;

/** The check of what surrounds states: the machine, a branch, a processor. Their states are not looked at. */
export const scopeCheck = once((kind: keyof typeof scopeSchemas) =>
  createCheck(scopeSchemas[kind], scopeSchemas[kind]),
);

const inJsonPath = once((type: StateType) =>
  createCheck(stateSchemas[type]('JSONPath'), stateSchemas[type]('JSONata')),
);
const inJsonata = once((type: StateType) => createCheck(stateSchemas[type]('JSONata'), stateSchemas[type]('JSONPath')));

/** The check of a state, by its type and the query language in force. */
export const stateCheck = (type: StateType, language: Language): Check =>
  language === 'JSONPath' ? inJsonPath(type) : inJsonata(type);
