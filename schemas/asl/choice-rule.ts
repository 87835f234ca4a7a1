import {
  anything,
  closed,
  type Fields,
  FORMATS,
  KEYWORDS,
  type Language,
  listOf,
  number,
  object,
  type Schema,
  text,
  truth,
  when,
} from './schema.ts';

const timestamp: Schema = { type: 'string', format: FORMATS.timestamp };
const relations = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'];

const family = (name: string, value: Schema): [string, Schema][] =>
  relations.flatMap((relation): [string, Schema][] => [
    [`${name}${relation}`, value],
    [`${name}${relation}Path`, text],
  ]);

/** Every data-test operator and what its value is. https://states-language.net/spec.html#data-test-expression */
export const comparisons: Fields = Object.fromEntries<Schema>([
  ...family('String', text),
  ['StringMatches', text],
  ...family('Numeric', number),
  ['BooleanEquals', truth],
  ['BooleanEqualsPath', text],
  ...family('Timestamp', timestamp),
  ...['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'].map((name): [string, Schema] => [
    name,
    truth,
  ]),
]);

const nested: Schema = { $ref: '#/$defs/nestedRule' };

/** A test on JSONPath data: And, Or, Not, or a Variable and one comparison. */
const test: Fields = {
  And: listOf(nested, 1),
  Or: listOf(nested, 1),
  Not: nested,
  Variable: text,
  Comment: text,
  ...comparisons,
};

const kinds = { [KEYWORDS.kindOfRule]: ['And', 'Or', 'Not', 'Variable', 'Condition'] };
const compares: Schema = {
  ...kinds,
  ...when(
    { type: 'object', required: ['Variable'] },
    { type: 'object', [KEYWORDS.exactlyOneOf]: Object.keys(comparisons) },
  ),
};

/** What a rule has besides its test; only a rule of the list itself, never one inside And, Or, Not. */
const decision: Fields = { Next: text, Assign: object };

/** A rule of a Choice state. Its schema needs {@link ruleDefinitions} around it. */
export const choiceRule = (language: Language): Schema =>
  language === 'JSONPath'
    ? closed({ ...test, ...decision }, { required: ['Next'], ...compares })
    : closed(
        { Condition: { type: ['string', 'boolean'] }, Comment: text, Output: anything, ...decision },
        { required: ['Next'], ...kinds },
      );

export const ruleDefinitions = (language: Language): Schema =>
  language === 'JSONPath' ? { $defs: { nestedRule: closed(test, compares) } } : {};
