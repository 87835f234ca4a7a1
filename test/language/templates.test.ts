import { describe, expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { failureOf, faultsOf, flawless, scopeOf } from './support.ts';

const fill = (template: Json, input: Json, context: JsonObject = {}, variables: JsonObject = {}) =>
  jsonPath.template({ ItemSelector: template }, 'ItemSelector', flawless)(scopeOf(input, context, variables));

describe('payload templates', () => {
  test('compute members whose names end in .$ and keep everything else', () => {
    const template = {
      Comment: 'kept',
      literal: '$.a',
      call: 'States.UUID()',
      'a.$': '$.a',
      nested: [{ 'b.$': 'States.MathAdd($.a, 1)' }, '$.a', { c: [] }],
      '.$': '$.a',
      'name.$.$': '$.a',
    };
    expect(fill(template, { a: 1 })).toEqual({
      Comment: 'kept',
      literal: '$.a',
      call: 'States.UUID()',
      a: 1,
      nested: [{ b: 2 }, '$.a', { c: [] }],
      '': 1,
      'name.$': 1,
    });
  });

  test('read the context object and variables', () => {
    expect(fill({ 'i.$': '$$.Map.Item.Index', 'v.$': '$v' }, {}, { Map: { Item: { Index: 2 } } }, { v: 'x' })).toEqual({
      i: 2,
      v: 'x',
    });
  });

  test('may be of any type', () => {
    for (const template of [null, 1, 'text', [], [1], {}]) expect(fill(template, {})).toBe(template);
    expect(fill([{ 'a.$': '$' }], 1)).toEqual([{ a: 1 }]);
  });

  test('without computed members give the same object every time', () => {
    const template = { a: { b: [1, { c: null }] } };
    expect(fill(template, {})).toBe(template);
    const literal = { deep: [1, 2] };
    expect((fill({ literal, 'a.$': '$' }, 1) as JsonObject)['literal']).toBe(literal);
  });

  test('keep names that JavaScript has a meaning for as data', () => {
    const template = JSON.parse('{"__proto__.$": "$.a", "constructor": {"__proto__": 1}, "toString.$": "$.a"}');
    const filled = fill(template, { a: 7 }) as JsonObject;
    expect(JSON.stringify(filled)).toBe('{"__proto__":7,"constructor":{"__proto__":1},"toString":7}');
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
  });

  test('name the member alone when something is not there', () => {
    expect(failureOf(() => fill({ a: [{ 'b.$': '$.x' }] }, { y: 1 }))).toBe(
      `States.Runtime: The JSONPath '$.x' specified for the field 'b.$' could not be found in the input '{"y":1}'`,
    );
  });
});

describe('faults of templates', () => {
  test.each([
    [{ 'a.$': 'x' }, "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call"],
    [
      { b: [{ 'a.$': '' }] },
      "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call",
    ],
    [{ 'a.$': 23 }, "The value for the field 'a.$' must be a STRING that contains a JSONPath but was a NUMBER"],
    [{ 'a.$': true }, "The value for the field 'a.$' must be a STRING that contains a JSONPath but was a BOOLEAN"],
    [{ 'a.$': null }, "The value for the field 'a.$' must be a STRING that contains a JSONPath but was a NULL"],
    [{ 'a.$': [1] }, "The value for the field 'a.$' must be a STRING that contains a JSONPath but was an ARRAY"],
    [{ 'a.$': {} }, "The value for the field 'a.$' must be a STRING that contains a JSONPath but was an OBJECT"],
    [{ b: { a: 1, 'a.$': '$' } }, "The field 'a.$' is defined more than once: with and without the suffix '.$'"],
  ])('%j', (template, message) => {
    expect(faultsOf(template)).toEqual([`${message} at /States/S/Parameters`]);
  });

  test('are all reported', () => {
    expect(faultsOf({ 'a.$': 'x', b: { 'c.$': 1, 'd.$': '$.' } })).toHaveLength(3);
  });
});

describe('Assign', () => {
  const assign = (assignments: Json, input: Json, variables: JsonObject = {}) =>
    jsonPath.assign({ Assign: assignments }, flawless)?.(scopeOf({}, {}, variables), input);

  test('makes variables of a template', () => {
    expect(assign({ a: '$.x', 'b.$': '$.x', c: { 'd.$': '$$' } }, { x: 1 })).toEqual({ a: '$.x', b: 1, c: { d: {} } });
    expect(assign({}, 1)).toEqual({});
  });

  test('sees the variables as they were, so that two can change places', () => {
    expect(assign({ 'a.$': '$b', 'b.$': '$a' }, {}, { a: 1, b: 2 })).toEqual({ a: 2, b: 1 });
  });

  test('is optional and must be an object', () => {
    expect(jsonPath.assign({}, flawless)).toBeUndefined();
    const problems: string[] = [];
    const at = { pointer: '', report: (problem: { message: string }) => problems.push(problem.message) };
    expect(jsonPath.assign({ Assign: 1 }, at)).toBeUndefined();
    expect(problems).toEqual(['Value must be an object']);
  });
});
