import { describe, expect, test } from 'vitest';
import { editsOf, type RedriveWish } from '../../engine/interpreter/redrive-edits.ts';
import { queryLanguages } from '../../engine/query/index.ts';
import { compileText } from '../../engine/runtime/compile-text.ts';
import type { Definition } from '../../schemas/definition.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { Play } from '../support/play.ts';
import { fail, machine, mapRun, pass, task } from './fixtures.ts';

/** Redrives that go on with another input, in another state, or with another definition. */

type States = Record<string, JsonObject>;

/** A play whose redrives take wishes. */
class Edited extends Play {
  readonly #definition: JsonObject;

  constructor(states: States, input: Json = {}, rest: JsonObject = {}) {
    super(machine(states, rest), input);
    this.#definition = machine(states, rest);
  }

  wish(wish: RedriveWish) {
    const { record, frames } = this.execution;
    return editsOf(wish, { record, frames, definition: this.#definition as unknown as Definition });
  }

  async edit(wish: RedriveWish): Promise<void> {
    const edits = this.wish(wish);
    if (wish.revision) this.machine = compileText(JSON.stringify(wish.revision.definition), queryLanguages);
    await this.redrive(edits);
  }
}

const begin = async (states: States, input: Json = {}, rest: JsonObject = {}): Promise<Edited> => {
  const play = new Edited(states, input, rest);
  await play.start();
  return play;
};
const to = (input: Json) => ({ input: () => JSON.stringify(input) });
const revision = (states: States, rest: JsonObject = {}) => ({
  revision: { name: 'revision r2', definition: machine(states, rest) as unknown as Definition },
});
/** The events since the last redrive, that one included. */
const since = (play: Play): string[] => play.links.slice(play.types.lastIndexOf('ExecutionRedriven'));

const parallel = (...branches: JsonObject[]): JsonObject => ({ Type: 'Parallel', Branches: branches, End: true });
const map = (states: States, fields: JsonObject = {}): JsonObject => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...machine(states) },
  End: true,
  ...fields,
});

describe('another input', () => {
  test('is entered: the state goes on with it, and the history tells it', async () => {
    const play = await begin({ Before: pass({ Result: { amount: -1 }, Next: 'Pay' }), Pay: task() });
    await play.fail('Bad');
    await play.edit({ input: (present) => JSON.stringify({ ...(present as object), amount: 1 }) });
    await play.succeed('paid', play.visitOf({ amount: 1 }));
    expect(play.output).toBe('paid');
    expect(since(play)).toEqual([
      '9 <- 8 ExecutionRedriven',
      '10 <- 4 TaskStateEntered',
      '11 <- 10 ActivityScheduled',
      '12 <- 11 ActivityStarted',
      '13 <- 12 ActivitySucceeded',
      '14 <- 13 TaskStateExited',
      '15 <- 14 ExecutionSucceeded',
    ]);
    expect(play.history[9]).toMatchObject({ stateEnteredEventDetails: { name: 'Pay', input: '{"amount":1}' } });
  });

  test('is for the one state that halted, in whatever branch; the others go on as they were', async () => {
    const play = await begin({ Both: parallel(machine({ Left: task() }), machine({ Right: pass() })) }, 'in');
    await play.fail('E');
    await play.edit(to('new'));
    await play.succeed('left', play.visitOf('new'));
    expect(play.output).toEqual(['left', 'in']);
  });

  test('names its state where several have halted', async () => {
    const play = await begin({ Each: map({ Work: task() }) }, ['a', 'b', 'c']);
    await play.succeed('A', play.visitOf('a'));
    await play.fail('E', undefined, play.visitOf('b'));
    expect(() => play.wish(to('B'))).toThrow(
      "It must be said which state has the input. Halted are 'Each', 'Each[1]/Work', 'Each[2]/Work'.",
    );
    expect(() => play.wish({ at: 'Each[7]/Work', ...to('B') })).toThrow(
      "There is no halted state 'Each[7]/Work'. Halted",
    );
    await play.edit({ at: 'Each[1]/Work', ...to('bb') });
    await play.succeed('B', play.visitOf('bb'));
    await play.succeed('C', play.visitOf('c'));
    expect(play.output).toEqual(['A', 'B', 'C']);
  });

  test('tells ten of many states', async () => {
    const play = await begin(
      { Each: map({ Work: task() }) },
      Array.from({ length: 12 }, (_, index) => index),
    );
    await play.stop();
    expect(() => play.wish(to(1))).toThrow(/'Each\[8\]\/Work' and 3 more\.$/);
  });

  test('of a Map or Parallel begins it anew', async () => {
    const play = await begin({ Each: map({ Work: task() }, { MaxConcurrency: 1 }) }, ['a', 'b']);
    await play.succeed('A', play.visitOf('a'));
    await play.fail('E', undefined, play.visitOf('b'));
    await play.edit({ at: 'Each', ...to(['c']) });
    await play.succeed('C', play.visitOf('c'));
    expect(play.output).toEqual(['C']);
    expect(play.execution.frames.size).toBe(0);
  });

  test('keeps variables', async () => {
    const states = {
      Set: pass({ Assign: { n: 7 }, Next: 'Work' }),
      Work: task({ Parameters: { 'n.$': '$n', 'x.$': '$.x' } }),
    };
    const play = await begin(states, { x: 1 });
    await play.fail('E');
    await play.edit(to({ x: 2 }));
    await play.succeed('done', play.visitOf({ n: 7, x: 2 }));
    expect(play.output).toBe('done');
  });

  test('is for the first state when there was none', async () => {
    const play = new Edited({ Work: task() }, 'in');
    play.execution = { ...play.execution, head: { state: { status: 'FAILED', stopMs: 1 }, events: 1, visits: 0 } };
    expect(() => play.wish({ at: 'Work', ...to('new') })).toThrow('The execution has not entered any state.');
    await play.edit({ input: (present) => JSON.stringify([present]) });
    await play.succeed('done', play.visitOf(['in']));
    expect(play.output).toBe('done');
  });

  test('must be given where a state is named for it', async () => {
    const play = await begin({ Work: task() });
    await play.fail('E');
    expect(() => play.wish({ at: 'Work' })).toThrow("It is not said what the input at 'Work' is to be.");
  });
});

describe('another state', () => {
  const SAGA = {
    Reserve: task({ ResultPath: '$.reserved', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }], Next: 'Ship' }),
    Ship: task({
      ResultPath: '$.shipped',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' }],
      Next: 'Done',
    }),
    Failed: fail('RolledBack'),
    Done: { Type: 'Succeed' },
  };

  test('is entered instead, with the input of the one that halted unless there is another', async () => {
    const play = await begin(SAGA, { order: 1 });
    await play.succeed('r');
    await play.fail('E', 'no');
    expect(play.state.status).toBe('FAILED');
    await play.edit({ state: 'Ship' });
    await play.fail('E', 'again', play.visitOf({ order: 1, reserved: 'r', error: { Error: 'E', Cause: 'no' } }));
    await play.edit({ state: 'Ship', input: () => '{"order":2}' });
    expect(since(play).slice(0, 2)).toEqual([
      expect.stringContaining('ExecutionRedriven'),
      expect.stringContaining('TaskStateEntered'),
    ]);
    await play.succeed('s', play.visitOf({ order: 2 }));
    expect(play.output).toEqual({ order: 2, shipped: 's' });
  });

  test('leaves nothing of what was below', async () => {
    const inner = machine({ Each: map({ Work: task() }) });
    const play = await begin(
      { Both: { ...parallel(inner, machine({ Right: task() })), Next: 'Then', End: false }, Then: task() },
      ['a', 'b'],
    );
    await play.fail('E', undefined, play.visitOf('b'));
    await play.edit({ state: 'Then' });
    expect([...play.execution.frames.keys()]).toEqual(['0']);
    await play.succeed('done');
    expect(play.output).toBe('done');
  });

  test('may be the first one of an execution that has not begun', async () => {
    const play = new Edited({ Work: task({ Next: 'Rest' }), Rest: task() }, 'in');
    play.execution = { ...play.execution, head: { state: { status: 'FAILED', stopMs: 1 }, events: 1, visits: 0 } };
    await play.edit({ state: 'Rest' });
    await play.succeed('done', play.visitOf('in'));
    expect(play.output).toBe('done');
  });

  test('may be a distributed Map that begins with all of its items again', async () => {
    const play = await begin({ Each: mapRun() }, ['a', 'b']);
    await play.stop();
    await play.edit({ state: 'Each', input: () => '["c"]' });
    expect(play.children.map(({ input }) => input)).toEqual(['"a"', '"b"', '"c"']);
    expect(play.redriven).toEqual([]);
  });

  test('must be there, at the top, and goes without the name of another', async () => {
    const play = await begin({ Both: parallel(machine({ Left: task() })) });
    await play.fail('E');
    for (const state of ['Left', 'toString']) {
      expect(() => play.wish({ state })).toThrow(`There is no state '${state}' at the top level of the definition.`);
    }
    expect(() => play.wish({ state: 'Both', at: 'Both[0]/Left', ...to(1) })).toThrow(
      "The execution is to go on in 'Both'",
    );
  });
});

describe('another definition', () => {
  test('is gone on with', async () => {
    const play = await begin({ Pay: task({ Parameters: { 'n.$': '$.m' } }) }, { n: 1 });
    expect(play.state.status).toBe('FAILED');
    await play.edit(revision({ Pay: task({ Parameters: { 'n.$': '$.n' }, Next: 'Added' }), Added: task() }));
    await play.succeed('paid', play.visitOf({ n: 1 }));
    await play.succeed('more', play.visitOf('paid'));
    expect(play.output).toBe('more');
  });

  const inBranch = (name: string, state: JsonObject): States => ({
    Both: parallel(machine({ [name]: state }), machine({ Right: pass() })),
  });

  test('inside a state, too', async () => {
    const play = await begin(inBranch('Left', task()), 1);
    await play.fail('E');
    await play.edit(revision(inBranch('Left', task({ Parameters: { fixed: true } }))));
    await play.succeed('left', play.visitOf({ fixed: true }));
    expect(play.output).toEqual(['left', 1]);
  });

  test.each<[why: string, States]>([
    ["it has halted in 'Both[0]/Left', and there is no such state", inBranch('Other', task())],
    ["it has halted in 'Both[0]/Left', which was a Task and is a Pass there", inBranch('Left', pass())],
    ["it has halted in 'Both', which was a Parallel and is a Task there", { Both: task() }],
    ["it has halted in 'Both', and there is no such state", { Others: task() }],
    [
      "it goes on inside 'Both', which has other branches or another processor there",
      { Both: parallel(machine({ Left: task() }), machine({ Right: pass() }), machine({ Third: pass() })) },
    ],
  ])('is refused when %s', async (why, states) => {
    const play = await begin(inBranch('Left', task()));
    await play.fail('E');
    expect(() => play.wish(revision(states))).toThrow(`The execution cannot go on with revision r2: ${why}.`);
  });

  test('that runs a Map otherwise is refused', async () => {
    const play = await begin({ Each: map({ Work: task() }) }, [1]);
    await play.fail('E');
    expect(() => play.wish(revision({ Each: mapRun() }))).toThrow("it goes on inside 'Each', which has other branches");
  });

  test('may be another one below a state that begins anew', async () => {
    const play = await begin(inBranch('Left', task()));
    await play.fail('E');
    await play.edit({ ...revision(inBranch('Other', task())), at: 'Both', ...to('x') });
    await play.succeed('other', play.visitOf('x'));
    expect(play.output).toEqual(['other', 'x']);
  });

  test('is refused where a Map Run goes on, and taken where it begins anew', async () => {
    const play = await begin({ Each: mapRun() }, ['a']);
    await play.stop();
    expect(() => play.wish(revision({ Each: mapRun() }))).toThrow(
      "it goes on with child executions of the distributed Map 'Each', and these keep the revision that they were started with.",
    );
    expect(() => play.wish(to(['b']))).toThrow('It must be said which state has the input.');
    expect(play.wish({ ...revision({ Each: mapRun() }), state: 'Each' })).toEqual({ state: 'Each' });
    expect(play.wish({ ...revision({ Each: mapRun() }), at: 'Each', ...to(['b']) })).toMatchObject({
      input: { frame: '0' },
    });
  });
});
