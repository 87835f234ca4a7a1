import { describe, expect, test } from 'vitest';
import { queryLanguages } from '../../engine/query/index.ts';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { collecting, failureOf, flawless, scopeOf } from './support.ts';

const flowOf = (state: JsonObject) => jsonPath.dataFlow(state, flawless);

describe('the data flow of a state', () => {
  test('without fields hands the input to the work and the result on', () => {
    const flow = flowOf({});
    expect(flow.input(scopeOf({ a: 1 }))).toEqual({ a: 1 });
    expect(flow.arguments(scopeOf({ a: 1 }))).toEqual({ a: 1 });
    expect(flow.output(scopeOf({ a: 1 }), 2)).toBe(2);
  });

  test('applies all five fields, each to what AWS applies it to', () => {
    const flow = flowOf({
      Type: 'Task',
      InputPath: '$.in',
      Parameters: { 'x.$': '$.a', 'name.$': '$$.State.Name' },
      ResultSelector: { 'y.$': '$.b', 'name.$': '$$.State.Name' },
      ResultPath: '$.out.here',
      OutputPath: '$.out',
    });
    const scope = scopeOf({ in: { a: 1 } }, { State: { Name: 'S' } });
    const input = flow.input(scope) as Json;
    expect(input).toEqual({ a: 1 });
    expect(flow.arguments({ ...scope, input })).toEqual({ x: 1, name: 'S' });
    expect(flow.output(scope, flow.result(scope, { b: 2 }) as Json)).toEqual({ here: { y: 2, name: 'S' } });
  });

  test('takes null for an empty object, and as ResultPath for the input', () => {
    const flow = flowOf({ InputPath: null, ResultPath: null });
    expect(flow.input(scopeOf(1))).toEqual({});
    expect(flow.output(scopeOf(1), 2)).toBe(1);
    expect(flowOf({ OutputPath: null }).output(scopeOf(1), 2)).toEqual({});
    expect(flowOf({ ResultPath: '$' }).output(scopeOf(1), 2)).toBe(2);
  });

  test('gives lists for paths that may find several values', () => {
    expect(flowOf({ InputPath: '$.rows[1:]' }).input(scopeOf({ rows: [1, 2, 3] }))).toEqual([2, 3]);
    expect(flowOf({ OutputPath: '$[?(@ > 1)]' }).output(scopeOf({}), [1, 2])).toEqual([2]);
  });

  test('finds null where null is', () => {
    expect(flowOf({ InputPath: '$.a' }).input(scopeOf({ a: null }))).toBeNull();
    expect(flowOf({ OutputPath: '$.a' }).output(scopeOf({}), { a: null })).toBeNull();
  });

  test('reads the context object and variables in OutputPath', () => {
    const context = { Execution: { Id: 'x' } };
    expect(flowOf({ OutputPath: '$$' }).output(scopeOf(1, context), 2)).toBe(context);
    expect(flowOf({ OutputPath: '$v.a' }).output(scopeOf(1, {}, { v: { a: 3 } }), 2)).toBe(3);
  });

  test('draws chance in a ResultSelector as elsewhere', () => {
    const flow = flowOf({ ResultSelector: { 'id.$': 'States.UUID()', 'v.$': '$v' } });
    expect(flow.result(scopeOf(1, {}, { v: 2 }), 3)).toEqual({ id: '00000000-0000-4000-8000-000000000000', v: 2 });
  });

  test('fails where a path finds nothing', () => {
    expect(failureOf(() => flowOf({ OutputPath: '$.no.path' }).output(scopeOf({}), {}))).toBe(
      "States.Runtime: Invalid path '$.no.path' : Missing property in path $['no']",
    );
  });

  test('leaves the Parameters of a Map to its items', () => {
    const flow = flowOf({ Type: 'Map', Parameters: { 'item.$': '$$.Map.Item.Value' } });
    expect(flow.arguments(scopeOf([1]))).toEqual([1]);
  });

  test('reports faults with their places', () => {
    const { at, problems } = collecting();
    jsonPath.dataFlow(
      { InputPath: 1, Parameters: { 'a.$': 1 }, ResultSelector: { 'b.$': 1 }, ResultPath: '$$.a', OutputPath: 'x' },
      at,
    );
    expect(problems.map(({ location }) => location).sort()).toEqual([
      '/States/S/InputPath',
      '/States/S/OutputPath',
      '/States/S/Parameters',
      '/States/S/ResultPath',
      '/States/S/ResultSelector',
    ]);
  });

  test('is the language of states that name none', () => {
    expect(queryLanguages.JSONPath.name).toBe('JSONPath');
  });
});

describe('the output of a Catch', () => {
  const error = { Error: 'E', Cause: 'C' };

  test('is the error, the input, or the input with the error in it', () => {
    const output = (catcher: JsonObject) => jsonPath.catchOutput(catcher, flawless)(scopeOf({ a: 1 }), error);
    expect(output({})).toBe(error);
    expect(output({ ResultPath: '$' })).toBe(error);
    expect(output({ ResultPath: null })).toEqual({ a: 1 });
    expect(output({ ResultPath: '$.failure' })).toEqual({ a: 1, failure: error });
  });
});

describe('ResultPath', () => {
  const write = (path: string, input: Json, result: Json) =>
    flowOf({ ResultPath: path }).output(scopeOf(input), result);

  test.each([
    ['$.a', {}, 1, { a: 1 }],
    ['$.a', { a: { b: 1 }, c: 2 }, 1, { a: 1, c: 2 }],
    ['$.a.b.c', {}, 1, { a: { b: { c: 1 } } }],
    ["$['a b']['c']", { 'a b': { d: 1 } }, null, { 'a b': { d: 1, c: null } }],
    ['$.list[1]', { list: [1, 2, 3] }, 'x', { list: [1, 'x', 3] }],
    ['$[1].payload', [{ a: 1 }, { id: 7 }], 1, [{ a: 1 }, { id: 7, payload: 1 }]],
    ['$[0][1]', [[1, 2]], 3, [[1, 3]]],
    ['$.a[0].b', { a: [{}] }, 1, { a: [{ b: 1 }] }],
  ] as [string, Json, Json, Json][])('%s in %j', (path, input, result, output) => {
    const before = JSON.stringify(input);
    expect(write(path, input, result)).toEqual(output);
    expect(JSON.stringify(input)).toBe(before);
  });

  test('shares what is not on the way', () => {
    const input = { a: { b: 1 }, c: { d: {} } };
    const output = write('$.a.x', input, 1) as typeof input;
    expect(output.c).toBe(input.c);
    expect(output.a).not.toBe(input.a);
  });

  test.each([
    ['$.a', 'text', 'Unable to apply ReferencePath $.a to input "text"'],
    ['$.a', [1], 'Unable to apply ReferencePath $.a to input [1]'],
    ['$.a', null, 'Unable to apply ReferencePath $.a to input null'],
    ['$[0]', {}, 'Unable to apply ReferencePath $[0] to input {}'],
    ['$[1]', [1], 'Unable to apply ReferencePath $[1] to input [1]'],
    ['$[-1]', [1], 'Unable to apply ReferencePath $[-1] to input [1]'],
    ['$.a.b', { a: 1 }, 'Unable to apply step "a" to input {"a":1}'],
    ['$.a[0]', {}, 'Unable to apply step "a" to input {}'],
    ['$.a[0].b', { a: [1] }, 'Unable to apply step "0" to input {"a":[1]}'],
  ] as [string, Json, string][])('%s does not fit %j', (path, input, cause) => {
    expect(failureOf(() => write(path, input, 1))).toBe(`States.ReferencePathConflict: ${cause}`);
  });

  test.each([
    '.a',
    'a',
    '',
    '$..a',
    '$.a[*]',
    '$[?(@.a)]',
    '$.a[1:2]',
    '$.a[0,1]',
    "$['a','b']",
    '$.a.length()',
    '$v',
    '$$.a',
  ])('%s cannot be written to', (path) => {
    const { at, problems } = collecting();
    jsonPath.dataFlow({ ResultPath: path }, at);
    expect(problems.map(({ message, location }) => [message.slice(0, 29), location])).toEqual([
      ['Value is not a Reference Path', '/States/S/ResultPath'],
    ]);
  });

  test('keeps names that JavaScript has a meaning for as data', () => {
    const output = write('$.__proto__.polluted', {}, true) as JsonObject;
    expect(JSON.stringify(output)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect(JSON.stringify(write('$.constructor.prototype.x', {}, 1))).toBe('{"constructor":{"prototype":{"x":1}}}');
    const input = JSON.parse('{"__proto__": {"a": 1}, "b": 2}');
    expect(JSON.stringify(write('$.b', input, 3))).toBe('{"__proto__":{"a":1},"b":3}');
  });
});

describe('fields that hold a literal or a path', () => {
  const field = (owner: JsonObject, name: string) => jsonPath.field(owner, name, flawless);

  test('are undefined when absent, and literals as they are', () => {
    expect(field({}, 'Seconds')).toBeUndefined();
    const literal = field({ Seconds: 5 }, 'Seconds');
    expect([literal?.name, literal?.source, literal?.evaluate(scopeOf({}))]).toEqual(['Seconds', undefined, 5]);
    expect(field({ Error: '$.not.a.path' }, 'Error')?.evaluate(scopeOf({}))).toBe('$.not.a.path');
  });

  test('follow paths into the input, the context object and variables', () => {
    const path = field({ SecondsPath: '$.a.b' }, 'Seconds');
    expect([path?.name, path?.source, path?.evaluate(scopeOf({ a: { b: 1 } }))]).toEqual(['SecondsPath', '$.a.b', 1]);
    expect(field({ TimeoutSecondsPath: '$t' }, 'TimeoutSeconds')?.evaluate(scopeOf(1, {}, { t: 9 }))).toBe(9);
    expect(field({ ErrorPath: '$$.State.Name' }, 'Error')?.evaluate(scopeOf(1, { State: { Name: 'S' } }))).toBe('S');
  });

  test.each([
    ['TimeoutSeconds', "Invalid path '$.no' : No results for path: $['no']"],
    ['HeartbeatSeconds', "Invalid path '$.no' : No results for path: $['no']"],
    ['Seconds', 'The SecondsPath parameter does not reference an input value: $.no'],
    ['Timestamp', 'The TimestampPath parameter does not reference an input value: $.no'],
    ['Error', "The JSONPath '$.no' specified for the field 'ErrorPath' could not be found in the input '{}'"],
    ['Cause', "The JSONPath '$.no' specified for the field 'CausePath' could not be found in the input '{}'"],
  ])('%sPath that finds nothing', (name, cause) => {
    const computed = field({ [`${name}Path`]: '$.no' }, name);
    expect(failureOf(() => computed?.evaluate(scopeOf({})))).toBe(`States.Runtime: ${cause}`);
  });

  test('ErrorPath and CausePath may call functions that give a text', () => {
    const cause = field({ CausePath: "States.Format('no {}', $.a)" }, 'Cause');
    expect(cause?.evaluate(scopeOf({ a: 1 }))).toBe('no 1');
  });

  test.each([
    ['Seconds', '$.a[*]', 'Value is not a Reference Path'],
    ['Seconds', 'a', "Value is not a Reference Path: Reference path didn't start with '$'"],
    ['Seconds', "States.Format('1')", "Value is not a Reference Path: Reference path didn't start with '$'"],
    ['Seconds', 1, "Value is not a Reference Path: Reference path didn't start with '$'"],
    ['Error', 'a', "Value is not a Reference Path: Reference path didn't start with '$'"],
    ['Error', '$.', 'Value is not a Reference Path'],
    ['Error', '$..a', 'Value is not a Reference Path'],
    [
      'Cause',
      'States.Array()',
      "The value for the field 'CausePath' must be a valid JSONPath or a valid intrinsic function call",
    ],
    [
      'Cause',
      'States.Nope()',
      "The value for the field 'CausePath' must be a valid JSONPath or a valid intrinsic function call",
    ],
    ['Cause', 1, "Value is not a Reference Path: Reference path didn't start with '$'"],
    ['MaxItems', '$$.Execution.Input.n', 'Value is not a Reference Path'],
    ['ToleratedFailureCount', '$$.Execution.Input.n', 'Value is not a Reference Path'],
  ] as [string, Json, string][])('%sPath: %j', (name, source, message) => {
    const { at, problems } = collecting();
    jsonPath.field({ [`${name}Path`]: source }, name, at);
    expect(problems.map((problem) => [problem.message, problem.location])).toEqual([
      [message, `/States/S/${name}Path`],
    ]);
  });
});

describe('the items of a Map', () => {
  const items = (state: JsonObject, input: Json, context: JsonObject = {}) =>
    jsonPath.items(state, flawless).evaluate(scopeOf(input, context));

  test('are the input or what ItemsPath finds', () => {
    expect(items({}, [1])).toEqual([1]);
    expect(items({ ItemsPath: '$.a' }, { a: [1, 2] })).toEqual([1, 2]);
    expect(items({ ItemsPath: '$$.Execution.Input' }, 1, { Execution: { Input: [3] } })).toEqual([3]);
    expect(jsonPath.items({}, flawless).source).toBe('$');
  });

  test('must be an array', () => {
    expect(failureOf(() => items({}, {}))).toBe('States.Runtime: Reference path "$" must point to array.');
    expect(failureOf(() => items({ ItemsPath: '$$.Execution.Input' }, [], { Execution: { Input: 'x' } }))).toBe(
      'States.Runtime: Reference path "$.Execution.Input" must point to array.',
    );
    expect(failureOf(() => items({ ItemsPath: '$.a' }, { b: 1 }))).toBe(
      'States.ReferencePathConflict: Unable to apply step "a" to input {"b":1}',
    );
  });

  test('may be the members of an object for a distributed Map', () => {
    const state = { ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' } } };
    expect(items(state, { a: 1 })).toEqual({ a: 1 });
    expect(failureOf(() => items({ Iterator: { ProcessorConfig: 1 } }, { a: 1 }))).toContain('must point to array');
  });

  test.each([null, 'a', '$.a[*]'])('ItemsPath %j is none', (path) => {
    const { at, problems } = collecting();
    expect(jsonPath.items({ ItemsPath: path }, at).evaluate(scopeOf({}))).toBeNull();
    expect(problems[0]?.location).toBe('/States/S/ItemsPath');
  });
});
