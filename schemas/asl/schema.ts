/** What the schemas of the Amazon States Language are made of. */

export type Language = 'JSONPath' | 'JSONata';

/** A JSON Schema (draft 2020-12 subset), with the keywords of {@link KEYWORDS} besides. */
export type Schema = { readonly [keyword: string]: unknown };
export type Fields = { readonly [field: string]: Schema };

/**
 * Keywords of our own, for rules about which members an object has; each takes a list of names.
 * JSON Schema could say them with oneOf and not, but then nobody could tell what was wrong.
 */
export const KEYWORDS = {
  /** At most one of the members. */
  atMostOneOf: 'atMostOneOf',
  /** Exactly one of the members; `"End": false` counts as absent. */
  exactlyOneOf: 'exactlyOneOf',
  /** Exactly one of the members that say what kind of choice rule this is. */
  kindOfRule: 'kindOfRule',
  /** At least one of the spellings of one member. */
  needs: 'needs',
} as const;

/** Formats of our own. */
export const FORMATS = {
  timestamp: 'asl-timestamp',
  expression: 'jsonata',
  timestampOrExpression: 'asl-timestamp-or-jsonata',
} as const;

export const anything: Schema = {};
export const text: Schema = { type: 'string' };
export const truth: Schema = { type: 'boolean' };
export const number: Schema = { type: 'number' };
export const object: Schema = { type: 'object' };
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const listOf = (items: Schema, minItems = 0): Schema => ({ type: 'array', items, minItems });

/** An object with these members and no others. */
export const closed = (fields: Fields, rules: Schema = {}): Schema => ({
  type: 'object',
  properties: fields,
  additionalProperties: false,
  ...rules,
});

/** The keyword `then`; a plain member of that name would make a schema look like a promise. */
const THEN = 'then';

/** When a value meets a schema, it must meet another one too. */
export const when = (condition: Schema, consequence: Schema, otherwise: Schema = {}): Schema => ({
  if: condition,
  [THEN]: consequence,
  else: otherwise,
});

/** A literal, or (in JSONata) an expression that yields one. */
export const literalOrExpression = (language: Language, literal: Schema): Schema =>
  language === 'JSONPath' ? literal : when({ type: 'string' }, { type: 'string', format: FORMATS.expression }, literal);

/** A whole number in a range. */
export const integer = (minimum: number, maximum?: number): Schema =>
  maximum === undefined ? { type: 'integer', minimum } : { type: 'integer', minimum, maximum };

/** The longest that AWS waits, in seconds. https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html */
export const MAX_SECONDS = 99_999_999;

/** A path, or null where null has a meaning (InputPath, OutputPath, ResultPath). */
export const pathOrNull: Schema = { type: ['string', 'null'] };

/** What is available in one language only. */
export const only = (wanted: Language, language: Language, fields: Fields): Fields =>
  wanted === language ? fields : {};
