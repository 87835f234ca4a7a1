import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import { compilePath } from '../../engine/query/jsonpath/path.ts';
import { isJsonObject, type Json, type JsonObject, setMember } from '../../schemas/json.ts';
import { collecting, scopeOf } from './support.ts';

/** A segment as written, and what it selects from one value: Jayway's rules, as plainly as they can be said. */
interface Step {
  readonly text: string;
  readonly select: (value: Json) => Json[];
}

const itemsOf = (value: Json): Json[] => (Array.isArray(value) ? value : []);
const childrenOf = (value: Json): Json[] => (isJsonObject(value) ? Object.values(value) : itemsOf(value));
const membersOf = (value: Json, names: readonly string[]): Json[] =>
  isJsonObject(value)
    ? names.flatMap((name) =>
        Object.entries(value)
          .filter(([own]) => own === name)
          .map(([, member]) => member),
      )
    : [];
const withinAndBelow = (value: Json): Json[] => [value, ...childrenOf(value).flatMap(withinAndBelow)];
const accepted = (value: Json, test: (item: Json) => boolean): Json[] =>
  (isJsonObject(value) ? [value] : itemsOf(value)).filter(test);

const quote = (name: string): string => `'${name.replaceAll("'", "\\'")}'`;

/** Names that mean something to other evaluators, and names that every object inherits. */
const name = fc.constantFrom(
  ...[
    'a',
    'b',
    'c',
    'length',
    '0',
    '*',
    '..',
    '$',
    '^',
    '~',
    '`a',
    "'a'",
    'a,b',
    '@string()',
    '?(filter)',
    '0:1',
    '(0)',
  ],
  ...['', '#0', 'x;y', 'p.q', '__proto__', 'constructor', 'toString'],
);
const few = fc.constantFrom('a', 'b', '*');

const jsonOf = (names: fc.Arbitrary<string>): fc.Arbitrary<Json> => {
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom<Json>(null, true, 0, 1, 'x', 'length', ''),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((members) => {
        const object: JsonObject = {};
        for (const [key, member] of members) setMember(object, key, member);
        return object;
      }),
    ),
  }));
  return value;
};

const index = fc.integer({ min: -3, max: 3 });
const bound = fc.option(index, { nil: undefined });

const filters: Step[] = [
  { text: '[?(@.a)]', select: (value) => accepted(value, (item) => membersOf(item, ['a']).length > 0) },
  { text: '[?(!@.a)]', select: (value) => accepted(value, (item) => membersOf(item, ['a']).length === 0) },
  { text: '[?(@.a == 1)]', select: (value) => accepted(value, (item) => membersOf(item, ['a'])[0] === 1) },
  { text: '[?(@[*] size 2)]', select: (value) => accepted(value, (item) => childrenOf(item).length === 2) },
];

const segmentOf = (names: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.oneof(
    names.map((one) => ({ text: `[${quote(one)}]`, select: (value: Json) => membersOf(value, [one]) })),
    fc.constantFrom<Step>(...['[*]', '.*'].map((text) => ({ text, select: childrenOf }))),
    fc.array(index, { minLength: 1, maxLength: 3 }).map((all) => ({
      text: `[${all.join()}]`,
      select: (value: Json) => all.map((one) => itemsOf(value).at(one)).filter((item) => item !== undefined),
    })),
    fc.tuple(bound, bound).map(([from, to]) => ({
      text: `[${from ?? ''}:${to ?? ''}]`,
      select: (value: Json) => itemsOf(value).slice(from, to),
    })),
    fc.constantFrom(...filters),
  );

const unionOf = (names: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.array(names, { minLength: 2, maxLength: 3 }).map((all) => ({
    text: `[${all.map(quote).join()}]`,
    select: (value) => membersOf(value, all),
  }));

/** After `..` a filter judges each object, not the items of each array. */
const scanOf = (names: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  segmentOf(names).map(({ text, select }) => ({
    text: text.startsWith('.') ? `.${text}` : `..${text}`,
    select: (value) =>
      withinAndBelow(value).flatMap((each) => (text.startsWith('[?') && Array.isArray(each) ? [] : select(each))),
  }));

/** Paths that give a list: their last segment is a wildcard. */
const stepsOf = (names: fc.Arbitrary<string>): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: segmentOf(names), weight: 5 },
        { arbitrary: scanOf(names), weight: 2 },
        { arbitrary: unionOf(names), weight: 1 },
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((steps) => [...steps, { text: '[*]', select: childrenOf }]);

const findNaively = (steps: readonly Step[], document: Json): Json[] =>
  steps.reduce<Json[]>((values, { select }) => values.flatMap(select), [document]);

const agree = (document: Json, steps: readonly Step[]): void => {
  const path = `$${steps.map((step) => step.text).join('')}`;
  expect(compilePath(path).find(scopeOf(document)), path).toEqual(findNaively(steps, document));
};

describe('the grammar of paths', () => {
  test('finds what another implementation finds', () => {
    fc.assert(fc.property(jsonOf(few), stepsOf(few), agree), { numRuns: 4000 });
  });

  test('takes names for nothing but names, in paths and in data', () => {
    fc.assert(fc.property(jsonOf(name), stepsOf(name), agree), { numRuns: 4000 });
  });

  test('never throws anything but a fault on any text', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '$',
        '.',
        '..',
        '[',
        ']',
        '(',
        ')',
        '?',
        '@',
        "'",
        '"',
        '*',
        ',',
        ':',
        '-',
        '1',
        'a',
        ' ',
        '==',
        '&&',
        '!',
        '/',
        '\\',
      ),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const { at } = collecting();
        jsonPath.dataFlow({ InputPath: `$${parts.join('')}` }, at);
      }),
      { numRuns: 5000 },
    );
  });
});
