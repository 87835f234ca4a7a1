import { isDeepStrictEqual } from 'node:util';
import type { Dice } from '../../simulation/dice.ts';
import { FLAKY, type Work } from './activity-worker.ts';
import type { Told } from './invariants.ts';
import type { Start } from './run.ts';

/** Machines that wait for everything there is to wait for, and what executions of them must come to. */

/** One execution to be started, and how it must end. */
export interface Plan extends Start {
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** Compared when it succeeds. */
  readonly output?: unknown;
}

const RETRY = [
  {
    ErrorEquals: [FLAKY, 'States.Timeout', 'States.HeartbeatTimeout'],
    IntervalSeconds: 1,
    BackoffRate: 1,
    MaxAttempts: 1000,
  },
];

/** Where a state goes next. */
type Way = { readonly Next: string } | { readonly End: true };
const END: Way = { End: true };

/** A Task whose worker may fail, die and come late: it is tried until it works. */
const work = (resource: string, at: string, way: Way) => ({
  Type: 'Task',
  Resource: resource,
  InputPath: `$.${at}`,
  ResultSelector: { 'value.$': '$.value' },
  ResultPath: `$.${at}`,
  TimeoutSeconds: 120,
  HeartbeatSeconds: 2,
  Retry: RETRY,
  ...way,
});

/**
 * The definitions by name.
 *
 * @param resource the activity that all tasks go to
 * @param child the machine that `parent` starts executions of
 */
export const definitions = (resource: string, child: string): Readonly<Record<string, object>> => ({
  parent: parent(child),
  chain: chain(resource),
  waiting: waiting(resource),
  branches: branches(resource),
  items: items(resource),
  rollback: rollback(resource),
});

const parent = (child: string) => ({
  StartAt: 'Spawn',
  States: {
    Spawn: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: { StateMachineArn: child, 'Input.$': '$' },
      ResultPath: null,
      End: true,
    },
  },
});

const chain = (resource: string) => ({
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Next: 'First' },
    First: work(resource, 'first', { Next: 'Which' }),
    Which: {
      Type: 'Choice',
      Choices: [{ Variable: '$.first.value', NumericGreaterThan: 0, Next: 'Second' }],
      Default: 'Wrong',
    },
    Second: work(resource, 'second', END),
    Wrong: { Type: 'Fail', Error: 'Wrong' },
  },
});

const waiting = (resource: string) => ({
  StartAt: 'Pause',
  States: {
    Pause: { Type: 'Wait', SecondsPath: '$.seconds', Next: 'Work' },
    Work: work(resource, 'work', { Next: 'Again' }),
    Again: { Type: 'Wait', Seconds: 1, End: true },
  },
});

const branches = (resource: string) => ({
  StartAt: 'Fork',
  States: {
    Fork: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'A', States: { A: work(resource, 'a', END) } },
        {
          StartAt: 'Pause',
          States: { Pause: { Type: 'Wait', Seconds: 1, Next: 'B' }, B: work(resource, 'b', END) },
        },
        { StartAt: 'Inner', States: { Inner: inner(resource) } },
      ],
      ResultSelector: { 'a.$': '$[0].a.value', 'b.$': '$[1].b.value', 'c.$': '$[2][0].c.value' },
      End: true,
    },
  },
});

const items = (resource: string) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 3,
      ItemProcessor: { StartAt: 'Work', States: { Work: work(resource, 'work', END) } },
      ResultSelector: { 'values.$': '$[*].work.value' },
      End: true,
    },
  },
});

export const CHILD = { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 1, End: true } } };

const inner = (resource: string) => ({
  Type: 'Parallel',
  Branches: [
    { StartAt: 'C', States: { C: work(resource, 'c', END) } },
    { StartAt: 'Nothing', States: { Nothing: { Type: 'Pass', Result: {}, End: true } } },
  ],
  End: true,
});

/** One branch breaks while others wait for a worker, a timer and children; then what was done is undone. */
const rollback = (resource: string) => ({
  StartAt: 'Try',
  States: {
    Try: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 3600, End: true } } },
        { StartAt: 'Nobody', States: { Nobody: { Type: 'Task', Resource: `${resource}-nobody`, End: true } } },
        {
          StartAt: 'A',
          States: { A: work(resource, 'a', { Next: 'Break' }), Break: { Type: 'Fail', Error: 'Broken' } },
        },
      ],
      Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.failure', Next: 'Undo' }],
      End: true,
    },
    Undo: work(resource, 'undo', { Next: 'Failed' }),
    Failed: { Type: 'Fail', ErrorPath: '$.failure.Error' },
  },
});

/** A piece of work that fails at times and takes a while. */
const task = (dice: Dice, name: string, at: string, value: number): Work => ({
  key: `${name}/${at}`,
  value,
  failures: dice.below(4) === 0 ? 1 + dice.below(2) : 0,
  workMs: dice.below(200),
});

type Draw = (dice: Dice, name: string) => Omit<Plan, 'stateMachineArn' | 'name'>;

const DRAWS: Readonly<Record<string, Draw>> = {
  chain: (dice, name) => ({
    input: { first: task(dice, name, 'first', 1), second: task(dice, name, 'second', 2) },
    status: 'SUCCEEDED',
    output: { first: { value: 1 }, second: { value: 2 } },
  }),
  waiting: (dice, name) => {
    const seconds = 1 + dice.below(3);
    const input = { seconds, work: task(dice, name, 'work', 7) };
    return { input, status: 'SUCCEEDED', output: { seconds, work: { value: 7 } } };
  },
  branches: (dice, name) => ({
    input: { a: task(dice, name, 'a', 1), b: task(dice, name, 'b', 2), c: task(dice, name, 'c', 3) },
    status: 'SUCCEEDED',
    output: { a: 1, b: 2, c: 3 },
  }),
  items: (dice, name) => {
    const values = Array.from({ length: 1 + dice.below(8) }, (_, index) => index * 10);
    const items = values.map((value) => ({ work: task(dice, name, String(value), value) }));
    return { input: { items }, status: 'SUCCEEDED', output: { values } };
  },
  parent: (_dice, name) => ({ input: { name }, status: 'SUCCEEDED', output: { name } }),
  rollback: (dice, name) => ({
    input: { a: task(dice, name, 'a', 1), undo: task(dice, name, 'undo', 2) },
    status: 'FAILED',
  }),
};

/** Draws executions, all machines mixed. @param machines their ARNs by name */
export function drawPlans(dice: Dice, machines: ReadonlyMap<string, string>, count: number): Plan[] {
  return Array.from({ length: count }, (_, index) => {
    const [machine, draw] = dice.pick(Object.entries(DRAWS));
    const name = `${machine}-${index}`;
    return { stateMachineArn: machines.get(machine) ?? '', name, ...draw(dice, name) };
  });
}

/** In what an execution ended otherwise than planned. */
export function missed(plan: Plan, told: Told | undefined): string[] {
  const { status, output } = plan;
  if (!told) return [`${plan.name} is not there`];
  const is = { status: told.status, output: told.output === undefined ? undefined : JSON.parse(told.output) };
  if (isDeepStrictEqual(is, { status, output })) return [];
  return [
    `${told.executionArn} is ${JSON.stringify(is)}, not ${JSON.stringify({ status, output })}: ${told.error} ${told.cause}`,
  ];
}
