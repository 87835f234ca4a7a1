import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { variableReferences } from '../../engine/asl/variable-references.ts';
import { LIBRARY_FUNCTIONS } from '../../engine/query/jsonata/variables.ts';
import type { JsonObject } from '../../schemas/json.ts';
import { definitionOf, distributed, inner, invoke, jsonata, machine, mapOf } from './machines.ts';

const start = { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'S' }], Default: 'Done' };
/** The variables that a state reads, which ends the machine or goes to `Done`. */
const readBy = (state: JsonObject) =>
  variableReferences(definitionOf(machine({ Start: start, S: state, Done: { Type: 'Succeed' } })))['S'] ?? [];
const pass = (more: JsonObject): JsonObject => ({ Type: 'Pass', End: true, ...more });
const computed = (expression: string) => readBy(pass({ ...jsonata, Output: `{% ${expression} %}` }));

const JSON_PATH: readonly [what: string, state: JsonObject, names: readonly string[]][] = [
  ['InputPath and OutputPath', pass({ InputPath: '$b.x[0]', OutputPath: '$a' }), ['a', 'b']],
  ['no path', pass({ InputPath: null }), []],
  ['the input and the context', pass({ InputPath: '$.a', OutputPath: '$$.Execution' }), []],
  ['a template', pass({ Parameters: { x: [{ 'y.$': '$a' }], 'z.$': '$b..*' } }), ['a', 'b']],
  ['what is no computed member', pass({ Parameters: { InputPath: '$a', x: '$b', Variable: '$c' } }), []],
  ['a fixed result', pass({ Result: { 'x.$': '$a' } }), []],
  ['what is no path', pass({ InputPath: '$a[', OutputPath: 'States.Nothing($b)' }), []],
  ['a comment', pass({ Comment: '$a' }), []],
  ['an expression of the other language', pass({ Parameters: { x: '{% $a %}' } }), []],
  ['Assign, each name once', pass({ Assign: { 'a.$': '$a.x', 'b.$': '$a.y' } }), ['a']],
  [
    'arguments of calls in calls',
    pass({ Parameters: { 'x.$': "States.Format('{} $d', States.MathAdd($b, $.c), $a)" } }),
    ['a', 'b'],
  ],
  ['texts of Fail', { Type: 'Fail', ErrorPath: '$e', CausePath: "States.Format('{}', $c)" }, ['c', 'e']],
  [
    'rules in rules',
    {
      Type: 'Choice',
      Choices: [
        {
          And: [{ Not: { Variable: '$a.x', IsNull: true } }, { Variable: '$.x', NumericEqualsPath: '$b' }],
          Assign: { 'x.$': '$c' },
          Next: 'Done',
        },
        { Variable: '$a', StringEquals: '$d', Next: 'Done' },
      ],
      Default: 'Done',
    },
    ['a', 'b', 'c'],
  ],
  [
    'a task and its catchers',
    {
      ...invoke,
      Parameters: { FunctionName: 'f', 'Payload.$': '$payload' },
      Credentials: { 'RoleArn.$': '$role' },
      TimeoutSecondsPath: '$timeout',
      ResultSelector: { 'x.$': '$selected' },
      Catch: [{ ErrorEquals: ['States.ALL'], Assign: { 'x.$': '$caught' }, Next: 'Done' }],
      End: true,
    },
    ['caught', 'payload', 'role', 'selected', 'timeout'],
  ],
  [
    'all of a distributed Map',
    mapOf({
      ItemProcessor: distributed,
      ItemsPath: '$items',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Parameters: { 'Bucket.$': '$bucket', Key: 'k' },
        ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$most' },
      },
      ItemBatcher: { MaxItemsPerBatchPath: '$perBatch', BatchInput: { 'x.$': '$batch' } },
      ItemSelector: { 'x.$': '$selected' },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { 'Bucket.$': '$out', Prefix: 'p' } },
      ToleratedFailureCountPath: '$tolerated',
    }),
    ['batch', 'bucket', 'items', 'most', 'out', 'perBatch', 'selected', 'tolerated'],
  ],
];

test.each(JSON_PATH)('in JSONPath: %s', (_what, state, names) => expect(readBy(state)).toEqual(names));

describe('in JSONata', () => {
  test.each([
    ['$b + $a.x[$c = 1]', ['a', 'b', 'c']],
    ['$states.input.x', []],
    ['$sum($a) + $now() + $uuid()', ['a']],
    ['$map($a, $uppercase)', ['a']],
    ['$a ~> $count', ['a']],
    ['$a ~> $join($b)', ['a', 'b']],
    ['$substring(?, $a)("x")', ['a']],
    ['($a := $b; $a + $c)', ['b', 'c']],
    ['($a := $a + 1; $a)', ['a']],
    ['(($a := 1; $a); $a)', ['a']],
    ['function($a, $b) { $a + $b + $c }(1, $a)', ['a', 'c']],
    ['($f := function($n) { $n = 0 ? 1 : $n * $f($n - 1) }; $f($a))', ['a']],
    ['($f := $g ? function($x) { $x } : $h; $map($a, $f))', ['a', 'g', 'h']],
    ['$a@$x.b@$y[$x.c = $y.c]#$i.{"x": $x, "i": $i, "z": $z}', ['a', 'z']],
    ['$a#$i[$i < 2]', ['a']],
    ['$a{$k: $v}', ['a', 'k', 'v']],
    ['$a^(>$b.x)', ['a', 'b']],
    ['$a ~> |x|{"y": $b}, $c|', ['a', 'b', 'c']],
    ['$a ?: $b ?? $c', ['a', 'b', 'c']],
    ['$.a + $$.b + $replace("a", /$x/, "$y")', []],
    ['$a +', []],
  ])('%s', (expression, names) => expect(computed(expression)).toEqual(names));

  test('a name that the language has for a function is a variable where a state assigns it', () => {
    const state = pass({ ...jsonata, Assign: { count: '{% $count + $count($items) + $max %}' } });
    expect(readBy(state)).toEqual(['count', 'items']);
    expect(readBy(pass({ ...jsonata, Assign: { count: '{% $count($items) %}' } }))).toEqual(['items']);
  });

  test('any text of the state that is an expression, and no other', () => {
    const more = {
      Comment: '{% $not1 %}',
      Arguments: { Comment: ['{% $a %}'], FunctionName: '$not2', 'x.$': '$not3' },
      TimeoutSeconds: '{% $b %}',
      Catch: [{ ErrorEquals: ['{% $not4 %}'], Output: '{% $c %}', Next: 'Done' }],
    };
    const { Parameters: _, ...call } = invoke;
    expect(readBy({ ...call, ...jsonata, ...more, End: true })).toEqual(['a', 'b', 'c']);
    const rules = [
      { Condition: '{% $a %}', Next: 'Done' },
      { Condition: true, Output: '{% $b %}', Next: 'Done' },
    ];
    expect(readBy({ Type: 'Choice', ...jsonata, Choices: rules, Default: 'Done' })).toEqual(['a', 'b']);
  });

  test('the functions of the library are all known', () => {
    const library = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8');
    const bound = [...library.matchAll(/staticFrame\.bind\('(\w+)'/g)].map(([, name]) => name);
    expect([...LIBRARY_FUNCTIONS]).toEqual([...new Set(bound)].sort());
  });
});

test('each state tells for itself, wherever it is, and only when it reads something', () => {
  const branch = machine({
    B: { Type: 'Pass', InputPath: '$b', Next: 'C' },
    C: pass({ ...jsonata, Output: '{% $c %}' }),
  });
  const definition = machine({
    P: { Type: 'Parallel', Branches: [branch, inner], Parameters: { 'x.$': '$p' }, Next: 'M' },
    M: mapOf({ ItemProcessor: machine({ Item: pass({ InputPath: '$i' }) }) }),
  });
  expect(variableReferences(definitionOf(definition))).toEqual({ P: ['p'], B: ['b'], C: ['c'], Item: ['i'] });
});
