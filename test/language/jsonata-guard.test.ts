import { afterAll, describe, expect, test } from 'vitest';
import { isSimple } from '../../engine/query/jsonata/cost.ts';
import { type Evaluated, evaluateHere } from '../../engine/query/jsonata/evaluation.ts';
import { parseExpression, treeOf } from '../../engine/query/jsonata/syntax.ts';
import { ExpressionGuard } from '../../engine/runtime/expression-guard.ts';
import type { JsonObject } from '../../schemas/json.ts';
import { evaluate, failure, faults } from './jsonata-support.ts';

/** Expressions that mean harm, and what keeps them from doing any. */

const simple = (expression: string): boolean => isSimple(treeOf(parseExpression(expression)));

describe('an expression is evaluated where it stands', () => {
  test.each([
    '$states.input.a.b[0].c',
    '$states.input.items[price > 3 and id = $x].name',
    '"s3://" & $states.input.bucket & "/" & $split($states.input.key, "/")[-1]',
    '$sum($states.input.items.price) + $v',
    '{"a": $states.input.a, "b": [1, $states.result.b]}',
    '$now("[Y]-[M]-[D]") & $uuid()',
    '$states.input.a ~> $count()',
    '$states.input.a ~> $string',
    '$exists($states.input.a) ? $states.input.a : "none"',
    '$x := 1',
    '($states.input.a; -$states.input.b)',
    '$join($states.input.a, ", ")',
    '$states.input.a ?: $states.input.b ?? 1',
  ])('when it is plainly cheap: %s', (expression) => {
    expect(simple(expression)).toBe(true);
  });

  test.each([
    '$f(1)',
    '$map($states.input.a, function($x) { $x })',
    '$contains($states.input.a, /(a+)+$/)',
    '[1..$states.input.n]',
    '$states.input.a.($states.input.a)',
    '$states.input.a[id in $states.input.b]',
    '$states.input.a{id: name}',
    '$states.input.a@$b.c',
    '$states.input.a.b.%.c',
    '$states.input.a^(b)',
    '$states.input.**.a',
    '$states.input.*.a',
    '$states.input.a.{"b": 1}',
    '$states.input ~> |a|{"b": 1}|',
    '($a := "x"; $b := $a & $a; $b & $b)',
    '$pad($states.input.a, $states.input.n)',
    '$join($states.input.a, $states.input.b)',
    '$replace($states.input.a, "a", $states.input.b)',
    '$toMillis($states.input.a, "[Y][Y]")',
    '$now("[Y,99999999]")',
    '$string($states.input.a, true)',
    '$range(1, $states.input.n, 1)',
    '$power(?, 2)',
    '$states.input.a ~> $f',
    '$states.input.a ~> ($f)',
    '($states.input.f)(1)',
    `${'$x & '.repeat(64)}$x`,
    `${'('.repeat(101)}1${')'.repeat(101)}`,
  ])('and elsewhere when it may not be: %s', (expression) => {
    expect(simple(expression)).toBe(false);
  });

  test('within a moment, also to find out', () => {
    const nested = (depth: number): string => (depth === 0 ? '$v' : `(${nested(depth - 1)} ?: $v)`);
    expect(faults(nested(12))).toEqual([]);
    expect(faults(nested(40))).toEqual([
      'INVALID_JSONATA_EXPRESSION: The operators ?: and ?? may be used 12 times at /States/S/Output/v',
    ]);
  });
});

describe('a guard', () => {
  const guard = new ExpressionGuard({ threads: 2, timeoutMs: 400 });
  afterAll(() => guard.close());
  const run = (source: string, bindings: JsonObject = {}): Promise<Evaluated> =>
    guard.evaluate({ source, bindings, at: 0, seed: 'seed' });
  const data = { x: { big: 'y'.repeat(200_000), list: Array.from({ length: 20_000 }, (_, i) => ({ i })) } };

  test('gives what evaluating here gives', async () => {
    for (const source of ['$map([1..3], function($v) { $v * $n })', '$random() & $uuid()', '$error("x")', '$none']) {
      const request = { source, bindings: { n: 2 }, at: 1, seed: 'seed' };
      expect(await guard.evaluate(request)).toEqual(await evaluateHere(request));
    }
  });

  test.each([
    ['($f := function($x) { $f($x + 1) }; $f(1))', 'time'],
    ['$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)', 'time'],
    ['$count([1..800000].[1..800000])', 'time'],
    ['$x.list@$a.list@$b.{"a": $a, "b": $b}', 'time'],
    ['($f := function($x) { 1 + $f($x) }; $f(1))', 'depth'],
    ['($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f("x", 28)))', 'memory'],
    ['($f := function($s, $n) { $n = 0 ? $s : $f([$s, $s], $n - 1) }; $count($f([1], 40)))', 'memory'],
    ['$sum([1..900000])', 'memory'],
    ['$count([1..100000000])', 'memory'],
    ['$pad("x", 1000000000)', 'memory'],
    ['$now("[Y,500000000-500000000]")', 'memory'],
    ['$fromMillis(0, "[Y,500000000]")', 'memory'],
    ['$length($replace($x.big, "y", $x.big))', 'memory'],
    ['$join($map([1..1000], function() { "a" }), $x.big)', 'memory'],
    ['$range(1, 360146, 1)', 'memory'],
  ])('gives %s up', async (source, limit) => {
    expect(await run(source, data)).toEqual({ type: 'exceeded', limit });
    expect(await run('1 + 1')).toEqual({ type: 'value', value: 2 });
  });

  test.each([
    '$string($reduce([1..800], function($a, $i) { [$a, $x.list] }, []), true)',
    '$string($x ~> |list|{"q": $x.big}|)',
    '$sort($x.list, function($a, $b) { $a.i < $b.i })',
    '$distinct($x.list)',
  ])('gives %s up for one reason or another', async (source) => {
    expect(await run(source, data)).toMatchObject({ type: 'exceeded' });
  });

  test('lets others go on meanwhile', async () => {
    const slow = run('($f := function($x) { $f($x + 1) }; $f(1))');
    const quick = await Promise.all(Array.from({ length: 50 }, (_, value) => run('$v', { v: value })));
    expect(quick.map((evaluated) => (evaluated.type === 'value' ? evaluated.value : evaluated))).toEqual([
      ...Array(50).keys(),
    ]);
    expect(await slow).toEqual({ type: 'exceeded', limit: 'time' });
  });
});

describe('the process behind an expression', () => {
  test.each([
    '$states.input.constructor',
    '$states.input.__proto__',
    '$states.input.toString',
    '$states.input.a.constructor.constructor',
    '$string.constructor',
    '$sum.implementation',
    '$lookup($states.input, "constructor")',
    '$sum.*',
    '(function($x) { $x }).environment',
    '($f := function() { 1 }; $f.**.environment)',
    '/a/.constructor',
    '$match("a", /a/).constructor',
    '$map([$sum], function($f) { $f.implementation })',
  ])('is not reached by %s', async (expression) => {
    expect(await failure(expression, { a: {} })).toBe('returned nothing (undefined).');
  });

  test('is not reached by calls', async () => {
    for (const expression of [
      '$states.input.constructor("return process")()',
      '$states.input.f()',
      '$states.input.g()',
      '$eval("$states")',
      '$lookup($states.input, "toString")()',
    ]) {
      const input = { f: { _jsonata_function: true, implementation: 'x' }, g: { _jsonata_lambda: true, body: {} } };
      expect(await failure(expression, input)).toMatch(/^threw an error during evaluation\. T1006/);
    }
  });

  test('keeps its functions', async () => {
    const reason = 'UNSUPPORTED_JSONATA_EXPRESSION: The pattern of a transform must be a path in its data.';
    for (const pattern of ['$sum', '($sum)', '$f', '$f.a', '[$sum]', '$lookup({}, "a")', 'function() { 1 }']) {
      expect(faults(`$states.input ~> |${pattern}|{"implementation": 1}|`)).toEqual([
        `${reason} at /States/S/Output/v`,
      ]);
    }
    expect(await evaluate('$states.input ~> |a[$sum([1]) = 1]|{"b": 2}|', { a: { b: 1 } })).toEqual({ a: { b: 2 } });
    expect(await evaluate('$sum([1, 2])')).toBe(3);
  });

  test('keeps its prototypes', async () => {
    const input = JSON.parse('{"__proto__": {"polluted": 1}, "a": {}}') as JsonObject;
    for (const expression of [
      '{"__proto__": {"polluted": 1}}',
      '$merge([$states.input, {"constructor": {"prototype": {"polluted": 1}}}])',
      '$states.input ~> |a|{"__proto__": {"polluted": 1}}|',
      '$states.input ~> |$|{"constructor": {"prototype": {"polluted": 1}}}|',
      '$spread($states.input)',
      '$sift($states.input, function($v) { true })',
      '$parse("{\\"__proto__\\": {\\"polluted\\": 1}}")',
      '$states.input{"__proto__": $}',
    ]) {
      await evaluate(expression, input);
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect('polluted' in {}).toBe(false);
    }
    expect(JSON.stringify(await evaluate('$states.input', input))).toBe('{"__proto__":{"polluted":1},"a":{}}');
  });

  test('keeps the data that it was given', async () => {
    const input = { a: [], list: [[], [1]], o: { n: 1 } };
    const before = JSON.stringify(input);
    for (const expression of [
      '$states.input.a{"k": 1}',
      '$states.input.list.{"k": 1}',
      '$states.input ~> |o|{"n": 2}|',
      '$states.input.list[]',
      '$reverse($states.input.list)',
      '$append($states.input.list, 1)',
    ]) {
      await evaluate(expression, input);
      expect(JSON.stringify(input)).toBe(before);
    }
  });
});
