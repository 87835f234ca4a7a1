import { describe, expect, test } from 'vitest';
import { choiceOperators } from '../../engine/query/jsonpath/choice-rules.ts';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { comparisons } from './choice-rules.cases.ts';
import { collecting, failureOf, flawless, scopeOf } from './support.ts';

const holds = (rule: JsonObject, input: Json, context: JsonObject = {}, variables: JsonObject = {}) =>
  jsonPath.condition(rule, flawless)(scopeOf(input, context, variables));

describe('comparisons', () => {
  test.each(comparisons)('%s %j with %j: %s', (operator, operand, variable, expected) => {
    expect(holds({ Variable: '$.v', [operator]: operand, Next: 'X' }, { v: variable })).toBe(expected);
    expect(holds({ Not: { Variable: '$.v', [operator]: operand } }, { v: variable })).toBe(!expected);
    if (choiceOperators.includes(`${operator}Path`)) {
      expect(holds({ Variable: '$.v', [`${operator}Path`]: '$.o' }, { v: variable, o: operand })).toBe(expected);
    }
  });

  test('all operators have cases that hold and cases that do not', () => {
    for (const operator of choiceOperators.filter((name) => !name.endsWith('Path'))) {
      const results = comparisons.filter(([name]) => name === operator).map(([, , , expected]) => expected);
      expect([operator, new Set(results).size]).toEqual([operator, 2]);
    }
    expect(choiceOperators).toHaveLength(39);
  });

  test('with an operand of another kind from a path do not hold', () => {
    expect(holds({ Variable: '$.v', NumericEqualsPath: '$.o' }, { v: 1, o: '1' })).toBe(false);
    expect(holds({ Variable: '$.v', TimestampEqualsPath: '$.o' }, { v: 1, o: 'x' })).toBe(false);
    expect(holds({ Variable: '$.v', BooleanEqualsPath: '$.o' }, { v: null, o: null })).toBe(false);
  });

  test('look into the context object and variables', () => {
    expect(
      holds({ Variable: '$$.State.Name', StringEqualsPath: '$name' }, {}, { State: { Name: 'S' } }, { name: 'S' }),
    ).toBe(true);
  });
});

describe('what is not there', () => {
  const words = (path: string) =>
    `States.Runtime: Invalid path '${path}': The choice state's condition path references an invalid value.`;

  test('fails a comparison, whichever side it is on', () => {
    expect(failureOf(() => holds({ Variable: '$.v', IsNull: true }, {}))).toBe(words('$.v'));
    expect(failureOf(() => holds({ Variable: '$.v[3]', StringEquals: 'a' }, { v: [] }))).toBe(words('$.v[3]'));
    expect(failureOf(() => holds({ Variable: '$.v', NumericEqualsPath: '$.o' }, { v: 1 }))).toBe(words('$.o'));
    expect(failureOf(() => holds({ Variable: '$v', NumericEquals: 1 }, {}))).toBe(words('$v'));
  });

  test('is what IsPresent asks', () => {
    expect(holds({ Variable: '$.v', IsPresent: true }, {})).toBe(false);
    expect(holds({ Variable: '$.v.w[1]', IsPresent: false }, { v: 1 })).toBe(true);
    expect(holds({ Variable: '$.toString', IsPresent: true }, {})).toBe(false);
    expect(
      holds(
        {
          And: [
            { Variable: '$.v', IsPresent: true },
            { Variable: '$.v', NumericEquals: 1 },
          ],
        },
        {},
      ),
    ).toBe(false);
    expect(
      holds(
        {
          Or: [
            { Variable: '$.v', IsPresent: false },
            { Variable: '$.v', NumericEquals: 1 },
          ],
        },
        {},
      ),
    ).toBe(true);
  });
});

describe('faults of rules', () => {
  test.each([
    [
      { Variable: 'Test', StringMatches: 'Test' },
      "Value is not a Reference Path: Reference path didn't start with '$'",
      '/Variable',
    ],
    [
      { Variable: 1, StringMatches: 'Test' },
      "Value is not a Reference Path: Reference path didn't start with '$'",
      '/Variable',
    ],
    [{ Variable: '$.a[*]', IsNull: true }, 'Value is not a Reference Path', '/Variable'],
    [{ Variable: '$.', IsNull: true }, 'Value is not a Reference Path', '/Variable'],
    [
      { Variable: '$.a', StringEqualsPath: 'b' },
      "Value is not a Reference Path: Reference path didn't start with '$'",
      '/StringEqualsPath',
    ],
    [{ Variable: '$.a', NumericEquals: '5' }, 'Value must be a number', '/NumericEquals'],
    [{ Variable: '$.a', StringEquals: 5 }, 'Value must be a string', '/StringEquals'],
    [{ Variable: '$.a', StringMatches: 5 }, 'Value must be a string', '/StringMatches'],
    [{ Variable: '$.a', BooleanEquals: 'true' }, 'Value must be a boolean', '/BooleanEquals'],
    [{ Variable: '$.a', IsNull: 'true' }, 'Value must be a boolean', '/IsNull'],
    [{ Variable: '$.a', IsPresent: 1 }, 'Value must be a boolean', '/IsPresent'],
    [
      { Variable: '$.a', TimestampEquals: '2016-13-01T00:00:00Z' },
      'String does not match RFC3339 timestamp',
      '/TimestampEquals',
    ],
    [{ NumericEquals: 5 }, 'These fields are required: [Variable]', ''],
    [{ Not: 1 }, 'Value must be an object', '/Not'],
    [{ And: [] }, 'Value must be a non-empty array', '/And'],
    [{ Or: {} }, 'Value must be a non-empty array', '/Or'],
    [{ Or: [1] }, 'Value must be an object', '/Or[0]'],
    [
      { And: [{ Not: { Variable: 'x', IsNull: true } }] },
      "Value is not a Reference Path: Reference path didn't start with '$'",
      '/And[0]/Not/Variable',
    ],
    [
      { Variable: '$.a', StringEquals: 'a', NumericEquals: 1 },
      'There should only be one of the following fields: [StringEquals, NumericEquals]',
      '',
    ],
  ] as [JsonObject, string, string][])('%j', (rule, message, place) => {
    const { at, problems } = collecting('/States/S/Choices[0]');
    expect(jsonPath.condition(rule, at)(scopeOf({ a: 1 }))).toBeTypeOf('boolean');
    expect(problems.map((problem) => [problem.message, problem.location])).toEqual([
      [message, `/States/S/Choices[0]${place}`],
    ]);
  });

  test('a rule without an operator and one nested without end', () => {
    const { at, problems } = collecting();
    jsonPath.condition({ Variable: '$.a' }, at);
    let deep: JsonObject = { Variable: '$.a', IsNull: true };
    for (let depth = 0; depth < 900; depth += 1) deep = { Not: deep };
    jsonPath.condition(deep, at);
    expect(problems).toHaveLength(2);
    expect(problems[0]?.message).toContain('StringEquals');
  });
});
