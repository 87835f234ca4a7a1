import { describe, expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import { found, malformed, missing } from './paths.cases.ts';
import { collecting, evaluate, failureOf, faultsOf, flawless, scopeOf } from './support.ts';

describe('paths that find something', () => {
  test.each(found)('%s in %j', (path, input, value) => {
    expect(evaluate(path, input)).toEqual(value);
  });

  test('look into the context object and into variables', () => {
    const context = { Execution: { Input: { a: 1 } } };
    expect(evaluate('$$', {}, context)).toBe(context);
    expect(evaluate('$$.Execution.Input.a', {}, context)).toBe(1);
    expect(evaluate('$$.Execution.Input.*', {}, context)).toEqual([1]);
    expect(evaluate('$total', {}, {}, { total: 3 })).toBe(3);
    expect(evaluate('$größe.a[1]', {}, {}, { größe: { a: [1, 2] } })).toBe(2);
    expect(evaluate('$items[*].n', {}, {}, { items: [{ n: 1 }] })).toEqual([1]);
  });

  test('give the value itself, not a copy', () => {
    const input = { a: { b: {} } };
    expect(evaluate('$.a.b', input)).toBe(input.a.b);
  });
});

describe('paths that find nothing', () => {
  test.each(missing)('%s in %j as InputPath', (path, input, reason) => {
    const flow = jsonPath.dataFlow({ InputPath: path }, flawless);
    expect(failureOf(() => flow.input(scopeOf(input)))).toBe(`States.Runtime: Invalid path '${path}' : ${reason}`);
  });

  test('name the field and the document in a template', () => {
    expect(failureOf(() => evaluate('$.no', { a: 1 }))).toBe(
      `States.Runtime: The JSONPath '$.no' specified for the field 'value.$' could not be found in the input '{"a":1}'`,
    );
    expect(failureOf(() => evaluate('$$.no', { a: 1 }, { State: { Name: 'S' } }))).toBe(
      `States.Runtime: The JSONPath '$$.no' specified for the field 'value.$' could not be found in the input '{"State":{"Name":"S"}}'`,
    );
    expect(failureOf(() => evaluate('$v.a', 1, {}, { v: {} }))).toContain("'$v.a' specified for the field 'value.$'");
    expect(failureOf(() => evaluate('$toString'))).toContain("'$toString'");
    expect(failureOf(() => evaluate('$.a.sum()', { a: [1] }))).toContain("The JSONPath '$.a.sum()'");
  });

  test('explain a variable that does not exist', () => {
    const flow = jsonPath.dataFlow({ InputPath: '$v' }, flawless);
    expect(failureOf(() => flow.input(scopeOf(1)))).toBe("States.Runtime: Invalid path '$v' : No results for path: $v");
  });
});

describe('texts that are no paths', () => {
  test.each(malformed.map((path) => ({ title: path.slice(0, 60), path })))('$title', ({ path }) => {
    const { at, problems } = collecting();
    jsonPath.dataFlow({ InputPath: path }, at);
    expect(problems).toEqual([
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: 'Value must be a valid JSONPath.',
        location: '/States/S/InputPath',
      },
    ]);
    expect(faultsOf({ 'a.$': path })).toEqual([
      "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters",
    ]);
  });
});
