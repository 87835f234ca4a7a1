import { expect, test } from 'vitest';
import type { LogLevel } from '../../engine/express/execution-log.ts';
import { fail, machine, pass } from '../interpreter/fixtures.ts';
import { ExpressProcess } from './support/express-process.ts';

/** The log is the only place where an Express execution's events can be read: which ones, the machine says. */

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } };
const FAILING = machine({
  A: { ...TASK, End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] },
  B: fail('Broken'),
});

async function lines(level: LogLevel, includeExecutionData: boolean, definition = FAILING) {
  const quick = new ExpressProcess();
  await quick.run(definition, { secret: 1 }, { level, includeExecutionData });
  return quick.logged;
}

const ALL = [
  ['info', 'ExecutionStarted'],
  ['info', 'TaskStateEntered'],
  ['info', 'TaskScheduled'],
  ['info', 'TaskStarted'],
  ['warn', 'TaskFailed'],
  ['info', 'TaskStateExited'],
  ['warn', 'FailStateEntered'],
  ['warn', 'ExecutionFailed'],
];

test.each<[LogLevel, string[][]]>([
  ['ALL', ALL],
  ['ERROR', ALL.filter(([severity]) => severity === 'warn')],
  ['FATAL', ALL.slice(-1)],
  ['OFF', []],
])('the level %s has its types of events', async (level, expected) => {
  const told = await lines(level, true);
  expect(told.map(({ level: severity, fields }) => [severity, fields['type']])).toEqual(expected);
});

test.each<[LogLevel, number]>([
  ['FATAL', 1],
  ['OFF', 0],
])('on the level %s, a time-out is told %i times', async (level, times) => {
  const definition = machine({ A: { Type: 'Wait', Seconds: 5, End: true } }, { TimeoutSeconds: 1 });
  const told = (await lines(level, false, definition)).map(({ fields }) => fields['type']);
  expect(told).toEqual(Array(times).fill('ExecutionTimedOut'));
});

test('a line has the members that CloudWatch gets', async () => {
  const [started, entered] = await lines('ALL', true, machine({ A: pass() }));
  const line = {
    event_timestamp: String(Date.UTC(2026, 0, 1)),
    execution_arn: 'arn:aws:states:us-east-1:000000000000:express:quick:run-1:id',
    redrive_count: '0',
  };
  const data = { input: '{"secret":1}', inputDetails: { truncated: false } };
  expect(started?.fields).toEqual({
    ...line,
    id: '1',
    type: 'ExecutionStarted',
    details: { ...data, roleArn: 'arn:aws:iam::000000000000:role/r' },
    previous_event_id: '0',
  });
  expect(entered?.fields).toMatchObject({
    ...line,
    id: '2',
    type: 'PassStateEntered',
    details: { ...data, name: 'A' },
  });
});

test('what goes through the execution is told only when the machine says so', async () => {
  const told = await lines('ALL', false);
  expect(JSON.stringify(told)).not.toContain('secret');
  expect(JSON.stringify(told)).not.toContain('FunctionName');
  expect(told.map(({ fields }) => fields['details'])).toContainEqual({ name: 'A' });
});

test('an event without details has none', async () => {
  const parallel = machine({ A: { Type: 'Parallel', Branches: [machine({ B: pass() })], End: true } });
  const told = await lines('ALL', false, parallel);
  expect(told.find(({ fields }) => fields['type'] === 'ParallelStateStarted')?.fields['details']).toEqual({});
});
