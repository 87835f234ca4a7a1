import { Ajv, type ErrorObject } from 'ajv';
import { type ObjectKind, objectSchemas } from '../../schemas/asl/index.ts';
import { FORMATS, type KEYWORDS, type Language, type Schema } from '../../schemas/asl/schema.ts';
import { isTimestamp } from '../../schemas/asl/timestamp.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';

/** The compiled schema of one kind of object. */
export interface Check {
  readonly language: Language;
  /** The schema of the same object in the other query language. */
  readonly other: Schema;
  readonly errors: (value: Json) => readonly ErrorObject[];
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

function createAjv(allErrors: boolean): Ajv {
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors, verbose: true });
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

/** Finds everything, or, where that could be too much, stops at the first finding. */
const ajv = { all: createAjv(true), first: createAjv(false) };

/** Beyond this many values an object is only searched for its first fault: hostile input has a million. */
const MANY_VALUES = 10_000;

function createCheck(kind: ObjectKind, language: Language): Check {
  const other = language === 'JSONPath' ? 'JSONata' : 'JSONPath';
  const schema = objectSchemas[kind](language);
  const compiled = { all: once(() => ajv.all.compile(schema)), first: once(() => ajv.first.compile(schema)) };
  return {
    language,
    other: objectSchemas[kind](other),
    errors: (value) => {
      const validate = (hasManyValues(value) ? compiled.first : compiled.all)();
      return validate(value) ? [] : (validate.errors ?? []);
    },
  };
}

/** Counts what is inside a value, up to the limit; states are checked by themselves and do not count. */
function hasManyValues(value: Json): boolean {
  const open: Json[] = [value];
  let count = 0;
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    if (typeof current !== 'object' || current === null) continue;
    for (const [name, inner] of Object.entries(current)) {
      count += 1;
      if (count > MANY_VALUES) return true;
      if (name !== 'States') open.push(inner);
    }
  }
  return false;
}

/** Makes a value at the first call: a process that never sees a Map in JSONata never compiles its schema. */
function once<T>(create: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: create() };
    return made.value;
  };
}

const checks = new Map<string, Check>();

/** The check of one object of the language, by what it is and the query language in force. */
export function checkOf(kind: ObjectKind, language: Language): Check {
  const key = `${kind} ${language}`;
  const check = checks.get(key) ?? createCheck(kind, language);
  checks.set(key, check);
  return check;
}
