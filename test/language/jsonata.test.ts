import { describe, expect, test } from 'vitest';
import { EvaluationError } from '../../schemas/errors.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { FAILURES, INPUT, VALUES } from './jsonata.cases.ts';
import { evaluate, failure, faults, jsonata } from './jsonata-support.ts';
import { collecting, flawless, scopeOf } from './support.ts';

describe('a JSONata expression', () => {
  for (const [expression, value] of VALUES) {
    test(`${expression} gives a value`, async () => {
      const before = JSON.stringify(INPUT);
      expect(await evaluate(expression, INPUT, { v: 42 }, { State: { Name: 'S' } })).toEqual(value);
      expect(JSON.stringify(INPUT)).toBe(before);
    });
  }

  for (const [expression, reason] of FAILURES) {
    test(`${expression} fails`, async () => {
      expect(await failure(expression, INPUT, { v: 42 })).toBe(reason);
    });
  }

  test('is as it was when it is evaluated again', async () => {
    const flow = jsonata.dataFlow({ Type: 'Task', Output: '{% $states.input.n + $states.result %}' }, flawless);
    expect(await flow.output(scopeOf({ n: 1 }), 2)).toBe(3);
    expect(await flow.output(scopeOf({ n: 2 }), 3)).toBe(5);
  });

  test('hides a function behind a variable of its name', async () => {
    expect(await failure('$sum([1])', {}, { sum: { a: 1 } })).toContain('T1006: ');
    expect(await evaluate('$sum.a', {}, { sum: { a: 1 } })).toBe(1);
    const variables = { f: { a: 1 } };
    await failure('$f(1)', {}, variables);
    expect(variables).toEqual({ f: { a: 1 } });
  });

  test('gives parts of the data themselves, not copies', async () => {
    const input: JsonObject = { a: { b: [1] } };
    expect(await evaluate('$states.input.a', input)).toBe(input['a']);
  });
});

describe('an expression that is none', () => {
  const invalid = (message: string) => [`INVALID_JSONATA_EXPRESSION: ${message} at /States/S/Output/v`];
  const unsupported = (...messages: string[]) =>
    messages.map((message) => `UNSUPPORTED_JSONATA_EXPRESSION: ${message} at /States/S/Output/v`);
  const atTop = (name: string) => `Reference to '${name}' at the top level is not supported.`;

  test.each([
    ['a[1,2)', 'Expected "]", got ","'],
    ['"unterminated', 'String literal must be terminated by a matching quote'],
    ['1 +', 'Unexpected end of expression'],
    ['', 'Unexpected end of expression'],
    ['{"a":}', 'The symbol "}" cannot be used as a unary operator'],
    ['$x :=', 'Unexpected end of expression'],
    ['$match("a", /abc', 'No terminating / in regular expression'],
    ['/(/', 'No terminating / in regular expression'],
    ['420.', 'Unexpected end of expression'],
  ])('%s is refused in the words of its parser', (expression, message) => {
    expect(faults(expression)).toEqual(invalid(message));
  });

  test.each([
    ['phone', 'phone'],
    ['phone[0]', 'phone'],
    ['$.phone', '$'],
    ['$', '$'],
    ['sum(1)', 'sum'],
    ['*', '*'],
    ['**.a', '**'],
    ['{"a": phone}', 'phone'],
    ['$map($states.input.a, function($x) { b })', 'b'],
    ['$x := phone', 'phone'],
    ['-phone', 'phone'],
    ['$states.input ~> $f(phone)', 'phone'],
    ['$states.input.a ? phone : 1', 'phone'],
    ['[1..phone]', 'phone'],
    ['phone ?: 1', 'phone'],
  ])('%s reads from a context that is not there', (expression, name) => {
    expect(faults(expression)).toEqual(unsupported(atTop(name)));
  });

  test('is told of each name once', () => {
    expect(faults('aaa + bbb + aaa')).toEqual(unsupported(atTop('aaa'), atTop('bbb')));
  });

  test.each([
    '$states.input.items[phone > 3]',
    '$states.input.items.(phone & $.name)',
    '$states.input.items^(phone)',
    '$states.input.items{phone: name}',
    '$map($states.input.a, function($x) { $x.phone })',
    '$phone',
  ])('%s reads from what it has', (expression) => {
    expect(faults(expression)).toEqual([]);
  });

  test('names no root and no field of $states that is not there', () => {
    expect(faults('$$')).toEqual(unsupported("Reference to '$$' is not supported."));
    expect(faults('$states.input.a[$$.b = 1]')).toEqual(unsupported("Reference to '$$' is not supported."));
    expect(faults('$states.errorOutput')).toEqual(unsupported("Field '$states.errorOutput' does not exist."));
    expect(faults('$states.result.a')).toEqual(unsupported("Field '$states.result' does not exist."));
    expect(faults('$states.result.a', { Type: 'Task' })).toEqual([]);
    expect(faults('$states.errorOutput', { Type: 'Task' })).toHaveLength(1);
  });

  test('begins as one', () => {
    const { at, problems } = collecting();
    jsonata.dataFlow({ Type: 'Pass', Output: ['{% 1', ' {% 1 %} ', '1 %}', '{%%}'] }, at);
    expect(problems.map(({ message, location }) => `${message} at ${location}`)).toEqual([
      'JSONata string must start with {% and end with %} at /States/S/Output[0]',
      'Unexpected end of expression at /States/S/Output[3]',
    ]);
  });

  test('is nested too deeply', () => {
    expect(faults(`${'('.repeat(100_000)}1${')'.repeat(100_000)}`)).toEqual(
      invalid('The expression is nested too deeply'),
    );
  });
});

describe('templates', () => {
  const flowOf = (state: JsonObject) => jsonata.dataFlow(state, flawless);

  test('compute texts that are expressions, at any depth, and nothing else', async () => {
    const Arguments = { a: ['{% $states.input.x %}', ' {% 1 %} ', { b: '{% $v %}' }], c: '$v', d: null, e: [] };
    expect(await flowOf({ Type: 'Task', Arguments }).arguments(scopeOf({ x: 1 }, {}, { v: 2 }))).toEqual({
      a: [1, ' {% 1 %} ', { b: 2 }],
      c: '$v',
      d: null,
      e: [],
    });
  });

  test('hand on what there is when there are none', async () => {
    const flow = flowOf({ Type: 'Task' });
    expect(flow.input(scopeOf(1))).toBe(1);
    expect(flow.arguments(scopeOf(1))).toBe(1);
    expect(await flow.output(scopeOf(1), await flow.result(scopeOf(1), 2))).toBe(2);
    expect(await flowOf({ Type: 'Pass', Output: 0 }).output(scopeOf(1), 2)).toBe(0);
  });

  test('name the place of a failure as seen from the state', async () => {
    const scope = scopeOf({});
    const places: [string, unknown][] = [
      [
        'Output/a/b[1]',
        jsonata.dataFlow({ Type: 'Pass', Output: { a: { b: [1, '{% $x %}'] } } }, flawless).output(scope, 1),
      ],
      ['Assign/x', jsonata.assign({ Assign: { x: '{% $x %}' } }, flawless)?.(scope, 1)],
      ['Output', jsonata.catchOutput({ Output: '{% $states.errorOutput.X %}' }, flawless)(scope, {})],
      ['Seconds', jsonata.field({ Seconds: '{% $x %}' }, 'Seconds', flawless)?.evaluate(scope)],
      ['Items[0]', jsonata.items({ Items: ['{% $x %}'] }, flawless).evaluate(scope)],
      ['Condition', jsonata.condition({ Condition: '{% $x %}' }, flawless)(scope)],
    ];
    for (const [location, run] of places) await expect(run).rejects.toMatchObject({ location, underWay: false });
  });
});

describe('fields', () => {
  const field = (value: Json) => {
    const compiled = jsonata.field({ Seconds: value }, 'Seconds', flawless);
    if (!compiled) throw new Error('no field');
    return compiled;
  };
  const complaint = { expected: 'number', path: 'p', computed: 'cannot be read' } as const;

  test('hold literals or expressions', async () => {
    expect(await field(5).evaluate(scopeOf({}))).toBe(5);
    expect(field(5).source).toBeUndefined();
    expect(await field('{% $states.input %}').evaluate(scopeOf(6))).toBe(6);
    expect(field('{% $states.input %}').source).toBe('$states.input');
    expect(jsonata.field({}, 'Seconds', flawless)).toBeUndefined();
    expect(jsonata.assign({}, flawless)).toBeUndefined();
  });

  test('refuse values of a wrong type, and others that do not fit', () => {
    const wrong = field('{% $x %}').refuse('five', complaint);
    expect(wrong).toBeInstanceOf(EvaluationError);
    expect(wrong).toMatchObject({
      reason:
        "The JSONata expression '$x' specified for the field 'Seconds' returned an unexpected result type. Expected 'number', but was 'string' for value: \"five\"",
      underWay: false,
    });
    expect(field('{% $x %}').refuse(-1, complaint)).toMatchObject({
      reason: 'The Seconds field cannot be read: -1',
      location: 'Seconds',
      underWay: true,
    });
  });

  test('of a condition are truths', async () => {
    const condition = (Condition: Json) => jsonata.condition({ Condition }, flawless);
    expect(condition(true)(scopeOf({}))).toBe(true);
    expect(await condition('{% $states.input = 1 %}')(scopeOf(1))).toBe(true);
    await expect(condition('{% 1 %}')(scopeOf(1))).rejects.toThrow("Expected 'boolean', but was 'number' for value: 1");
    const { at, problems } = collecting();
    jsonata.condition({ Condition: 'true' }, at);
    expect(problems).toHaveLength(1);
  });

  test('of a Map are lists, and objects where AWS takes them', async () => {
    const items = (state: JsonObject, input: Json = 1) => jsonata.items(state, flawless).evaluate(scopeOf(input));
    expect(await items({ Items: ['{% 1 %}', 2] })).toEqual([1, 2]);
    expect(await items({ Items: { a: '{% 1 %}' } })).toEqual({ a: 1 });
    expect(items({}, [1])).toEqual([1]);
    expect(() => items({}, true)).toThrow('Map state input must be an array but was: true');
    await expect(items({ Items: '{% {"a": 1} %}' })).rejects.toThrow(
      "Expected 'array', but was 'object' for value: {\"a\":1}",
    );
    await expect(items({ Items: '{% null %}' })).rejects.toThrow("Expected 'array', but was 'null' for value: null");
    const distributed = { ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' } } };
    expect(await items({ Items: '{% {"a": 1} %}', ...distributed })).toEqual({ a: 1 });
  });
});
