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

/** A test on JSONPath data: And, Or, Not, or a Variable and one comparison. Rules inside are checked one by one. */
const test: Fields = {
  And: listOf(object, 1),
  Or: listOf(object, 1),
  Not: object,
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

/** A rule of a Choice state. */
export const choiceRule = (language: Language): Schema =>
  language === 'JSONPath'
    ? closed({ ...test, ...decision }, { required: ['Next'], ...compares })
    : closed(
        { Condition: { type: ['string', 'boolean'] }, Comment: text, Output: anything, ...decision },
        { required: ['Next'], ...kinds },
      );

/** A rule inside And, Or or Not: a test, and no decision. */
export const nestedRule = (): Schema => closed(test, compares);
