import { describe, expect, test } from 'vitest';
import { intrinsics } from '../../engine/query/jsonpath/intrinsics.ts';
import { calls, malformed, refused } from './intrinsics.cases.ts';
import { evaluate, failureOf, faultsOf } from './support.ts';

describe('calls of intrinsic functions', () => {
  test.each(calls)('%s with %j', (call, input, value) => {
    expect(evaluate(call, input)).toEqual(value);
  });

  test.each(refused.map(([call, input, name]) => ({ call, input, name })))(
    '$call is refused',
    ({ call, input, name }) => {
      expect(failureOf(() => evaluate(call, input))).toBe(
        `States.Runtime: The function '${call}' had the following error: Invalid arguments in States.${name}`,
      );
    },
  );

  test.each(malformed.map((call) => ({ title: call.slice(0, 60), call })))('$title is no call', ({ call }) => {
    expect(faultsOf({ 'a.$': call })).toEqual([
      "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters",
    ]);
  });

  test('all functions have cases', () => {
    expect([...intrinsics.keys()].filter((name) => !calls.some(([call]) => call.includes(name)))).toEqual([]);
    expect(intrinsics.size).toBe(18);
  });

  test('read the context object and variables', () => {
    const context = { Execution: { Input: { n: 2 } } };
    expect(evaluate('States.MathAdd($$.Execution.Input.n, $one)', {}, context, { one: 1 })).toBe(3);
  });

  test('calls may stand in calls ten deep', () => {
    const deep = `${'States.Array('.repeat(10)}1${')'.repeat(10)}`;
    expect(JSON.stringify(evaluate(deep))).toBe(`${'['.repeat(10)}1${']'.repeat(10)}`);
  });

  test('10,000 characters are counted as characters, not as code units', () => {
    expect(evaluate('States.Base64Encode($)', '😀'.repeat(6000))).toHaveLength(32_000);
  });
});

describe('an argument that is not there', () => {
  const fail = (call: string, cause: string) =>
    expect(failureOf(() => evaluate(call, { other: 1 }, { State: {} }))).toBe(
      `States.Runtime: The function '${call}' had the following error: ${cause}`,
    );

  test('is named, with the whole call as it is written', () => {
    const cause = (path: string) =>
      `The JsonPath argument for the field '${path}' could not be found in the input '{"other":1}'`;
    fail("States.Format('{}',$.no)", cause('$.no'));
    fail("States.Format('{} {}', $.other, $.a.b)", cause('$.a.b'));
    fail("States.Format('{}', States.JsonToString($.no))", cause('$.no'));
    fail("States.Format('{}', $$.State.Deep)", cause('$.State.Deep'));
    fail("States.Format('{}', $v)", cause('$v'));
  });

  test('beyond the end of an array is not there either', () => {
    expect(failureOf(() => evaluate('States.Array($.a[5])', { a: [1] }))).toContain(
      "for the field '$.a[5]' could not be found",
    );
  });

  test('in something that is no array has its own words', () => {
    fail('States.Array($.other[0])', 'Filter: [0] can only be applied to arrays. Current context is: 1');
  });
});
