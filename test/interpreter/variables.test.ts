import { describe, expect, test } from 'vitest';
import { parseDefinition } from '../../engine/asl/parse.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { Play } from '../support/play.ts';
import { fail, machine, pass, task } from './fixtures.ts';

const inJsonata = { QueryLanguage: 'JSONata' };
const play = (states: Record<string, JsonObject>, input: Json = {}, rest: JsonObject = {}) =>
  new Play(machine(states, rest), input).start();
/** What each state that was left has assigned. */
const assignments = ({ history }: Play) =>
  history.flatMap(({ stateExitedEventDetails: left }) =>
    left?.['assignedVariables'] ? [[left['name'], left['assignedVariables']]] : [],
  );

describe('variables', () => {
  test('are set by Assign, told of, and seen by later states in both languages', async () => {
    const run = await play(
      {
        A: pass({ Assign: { 'n.$': '$.n', list: [1, { x: null }] }, Next: 'B' }),
        B: pass({ ...inJsonata, Assign: { m: '{% $n + 1 %}' }, Output: '{% $list[0] %}', Next: 'C' }),
        C: pass({ Parameters: { 'sum.$': 'States.MathAdd($n, $m)', 'x.$': '$list[1]' } }),
      },
      { n: 4 },
    );
    expect(run.output).toEqual({ sum: 9, x: { x: null } });
    expect(assignments(run)).toEqual([
      ['A', { n: '4', list: '[1,{"x":null}]' }],
      ['B', { m: '5' }],
    ]);
    const left = run.history.find(({ type }) => type === 'PassStateExited');
    expect(left?.['stateExitedEventDetails']?.['assignedVariablesDetails']).toEqual({ truncated: false });
    expect(assignments(await play({ A: pass({ Assign: {} }) }))).toEqual([]);
  });

  test('change together: all of Assign and Output see the values on entry', async () => {
    const swap = { x: '{% $y %}', y: '{% $x %}' };
    const run = await play(
      {
        A: pass({ Assign: { x: 1, y: 2 }, Next: 'B' }),
        B: pass({ Assign: swap, Output: '{% [$x, $y] %}', Next: 'C' }),
        C: pass({ Output: '{% $states.input.($) ~> $append([$x, $y]) %}' }),
      },
      {},
      inJsonata,
    );
    expect(run.output).toEqual([1, 2, 2, 1]);
  });

  test('are assigned from the result, the effective input, or the error', async () => {
    const work = task({
      Assign: { 'got.$': '$' },
      ResultSelector: { 'r.$': '$.a' },
      ResultPath: '$.kept',
      Catch: [{ ErrorEquals: ['E'], Next: 'Caught', Assign: { 'why.$': '$.Cause' } }],
      Next: 'Done',
    });
    const states = {
      T: work,
      Done: pass({ InputPath: '$got' }),
      Caught: pass({ InputPath: '$why' }),
    };
    const good = await play(states);
    await good.succeed({ a: 1, b: 2 });
    expect(good.output).toEqual({ r: 1 });
    const bad = await play(states);
    await bad.fail('E', 'because');
    expect(bad.output).toBe('because');
    const wait = {
      W: { Type: 'Wait', Seconds: 1, InputPath: '$.in', Assign: { 'w.$': '$.x' }, Next: 'P' },
      P: pass({ InputPath: '$w' }),
    };
    const waiting = await play(wait, { in: { x: 5 } });
    await waiting.fire();
    expect(waiting.output).toBe(5);
  });

  test('are assigned by the rule that a Choice follows, by the state itself only for Default', async () => {
    const choice = (fields: JsonObject) => ({
      C: { Type: 'Choice', Default: 'D', Assign: { v: 'default' }, Choices: [{ Next: 'D', ...fields }] },
      D: pass({ InputPath: '$v' }),
    });
    const rule = { Variable: '$.n', NumericEquals: 1, Assign: { 'v.$': "States.Format('rule {}', $.n)" } };
    expect((await play(choice(rule), { n: 1 })).output).toBe('rule 1');
    expect((await play(choice(rule), { n: 2 })).output).toBe('default');
  });
});

describe('the variables of branches and iterations', () => {
  const map = (states: Record<string, JsonObject>, fields: JsonObject = {}): JsonObject => ({
    Type: 'Map',
    ItemProcessor: machine(states),
    ...('Next' in fields ? {} : { End: true }),
    ...fields,
  });

  test('are their own, and they see those around them', async () => {
    const inner = map({
      I: pass({ Assign: { 'c.$': 'States.Array($a, $b, $)' }, Next: 'J' }),
      J: pass({ InputPath: '$c' }),
    });
    const outer = map({ O: pass({ Assign: { 'b.$': '$[0]' }, Next: 'In' }), In: inner });
    const run = await play({ S: pass({ Assign: { a: 'A' }, Next: 'Out' }), Out: outer }, [
      [1, 2],
      [3, 4],
    ]);
    expect(run.output).toEqual([
      [
        ['A', 1, 1],
        ['A', 1, 2],
      ],
      [
        ['A', 3, 3],
        ['A', 3, 4],
      ],
    ]);
  });

  test('are kept once, with the scope that assigned them', async () => {
    const run = await play({
      S: pass({ Assign: { big: 'x'.repeat(1000) }, Result: [1, 2, 3], Next: 'M' }),
      M: map({ T: task({ Parameters: { 'n.$': '$' } }) }),
    });
    const children = [...run.execution.frames.values()].filter((frame) => 'fork' in frame);
    expect(JSON.stringify(children)).not.toContain('xxx');
    await run.succeed(1);
    await run.succeed(2);
    await run.succeed(3);
    expect(run.output).toEqual([1, 2, 3]);
  });

  test('end with them; Assign of the state itself and of its Catch stays', async () => {
    const state = map(
      { I: pass({ Assign: { gone: 1 }, Next: 'F' }), F: fail('E') },
      { Catch: [{ ErrorEquals: ['E'], Next: 'N', Assign: { 'kept.$': '$.Error' } }], Next: 'N' },
    );
    const run = await play({ M: state, N: pass({ Parameters: { 'kept.$': '$kept' } }) }, [1]);
    expect(run.output).toEqual({ kept: 'E' });
    expect([...run.execution.frames]).toEqual([]);
    const gone = await play(
      { M: map({ I: pass({ Assign: { gone: 1 } }) }, { Next: 'N' }), N: pass({ InputPath: '$gone' }) },
      [1],
    );
    expect(gone.state).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('have other names than those around them', () => {
    const problems = (definition: JsonObject) =>
      parseDefinition(JSON.stringify(definition)).problems.map(({ code, message, location }) => [
        code,
        message,
        location,
      ]);
    const inner = (ItemProcessor: JsonObject) =>
      machine({ S: pass({ Assign: { x: 1 }, Next: 'M' }), M: { Type: 'Map', ItemProcessor, End: true } });
    const clash = machine({ P: pass({ Assign: { y: 1, 'x.$': '$' } }) });
    expect(problems(inner(clash))).toEqual([
      [
        'DUPLICATE_VARIABLE_NAME',
        "The variable name 'x' was already defined in a parent scope.",
        '/States/M/ItemProcessor/States/P/Assign',
      ],
    ]);
    expect(problems(inner({ ...clash, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }))).toEqual(
      [],
    );
    expect(problems(inner(machine({ P: pass({ Assign: { y: 1 } }) })))).toEqual([]);
    const rules = { Assign: { x: 1 }, Catch: [{ ErrorEquals: ['E'], Assign: { x: 2 }, Next: 'N' }] };
    const around = { Type: 'Map', ItemProcessor: clash, ...rules };
    const after = { N: pass({ Assign: { x: 3 } }) };
    expect(problems(machine({ M: { ...around, Next: 'N' }, ...after }))).toEqual([]);
    const back = {
      N: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'M' }], Default: 'Z' },
      Z: pass(),
    };
    expect(problems(machine({ M: { ...around, Next: 'N' }, ...back }))).toHaveLength(1);
  });
});

describe('the limits of variables', () => {
  const limit = { status: 'FAILED', error: 'States.DataLimitExceeded' };

  test('hold for one Assign', async () => {
    const assign = (length: number) =>
      play({ A: pass({ Result: 'x'.repeat(length), ResultPath: null, Assign: { 'a.$': '$', b: 1 } }) });
    expect((await assign(262_144 - 3)).state.status).toBe('SUCCEEDED');
    expect((await assign(262_144 - 2)).state).toMatchObject(limit);
  });

  test('hold for all that a state can see', async () => {
    const states: Record<string, JsonObject> = {};
    for (let index = 0; index < 42; index += 1) {
      states[`S${index}`] = pass({
        Assign: { [`v${index}`]: 'x'.repeat(250_000) },
        ...(index < 41 ? { Next: `S${index + 1}` } : {}),
      });
    }
    const run = await play(states);
    expect(run.state).toMatchObject(limit);
    expect(assignments(run)).toHaveLength(41);
  });
});
