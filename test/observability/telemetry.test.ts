import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TELEMETRY, type Topic } from '../../engine/index.ts';
import { activity, EngineInMemory } from './support/engine-in-memory.ts';

/** What the runtime tells on its channels. */

let engine: EngineInMemory;
beforeEach(async () => {
  engine = await EngineInMemory.start();
});
afterEach(async () => {
  await engine.stop();
});

/** Everything told on a topic while something is done. */
async function told<M>(topic: Topic<M>, work: () => Promise<unknown>): Promise<M[]> {
  const messages: M[] = [];
  const stop = topic.listen((message) => messages.push(message));
  await work();
  stop();
  return messages;
}

const PURE = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } } };
const TASK = { StartAt: 'A', States: { A: { Type: 'Task', Resource: activity('pay'), End: true } } };
const FAILS = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Broken', Cause: 'x' } } };

const about = (name: string) => ({
  executionArn: `arn:aws:states:us-east-1:000000000000:execution:${name}:run`,
  stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
  stateMachineName: name,
});

describe('an execution', () => {
  test('is told of when it starts', async () => {
    const messages = await told(TELEMETRY.executionStarted, () => engine.run('pure', PURE));
    expect(messages).toEqual([{ ...about('pure'), startMs: expect.any(Number) }]);
  });

  test('is told of when it closes, with its error', async () => {
    const messages = await told(TELEMETRY.executionClosed, () => engine.run('fails', FAILS));
    const instants = { startMs: expect.any(Number), stopMs: expect.any(Number) };
    expect(messages).toEqual([
      { ...about('fails'), status: 'FAILED', error: 'Broken', executionId: expect.any(String), ...instants },
    ]);
  });

  test('that closes without success has a line in the log, one that succeeds has none', async () => {
    await engine.run('pure', PURE);
    await engine.run('fails', FAILS);
    const { executionArn, stateMachineArn } = about('fails');
    expect(engine.logged.filter(({ message }) => message === 'execution closed without success')).toEqual([
      {
        message: 'execution closed without success',
        fields: { executionArn, stateMachineArn, status: 'FAILED', error: 'Broken' },
      },
    ]);
  });
});

describe('a batch', () => {
  test('is told of with what it has written', async () => {
    const batches = await told(TELEMETRY.batchCommitted, () => engine.run('pure', PURE));
    expect(batches).toEqual([
      {
        shard: expect.any(Number),
        entries: 1,
        executions: 1,
        events: 6,
        transitions: 2,
        interpretMs: expect.any(Number),
        commitMs: expect.any(Number),
      },
    ]);
  });
});

describe('a task', () => {
  const task = { ...about('task'), service: 'activity' };

  test('is told of when it is scheduled, started and ended, with the times between', async () => {
    engine.work('pay', () => ({ type: 'succeeded', output: '{}' }));
    const all: unknown[] = [];
    const stops = [TELEMETRY.taskScheduled, TELEMETRY.taskStarted, TELEMETRY.taskEnded].map((topic) =>
      (topic as Topic<object>).listen((message) => all.push(message)),
    );
    await engine.run('task', TASK);
    for (const stop of stops) stop();
    expect(all).toEqual([
      { ...task, eventId: 3 },
      { ...task, eventId: 4, queuedMs: expect.any(Number) },
      { ...task, eventId: 5, outcome: 'succeeded', runMs: expect.any(Number) },
    ]);
  });

  test('is told of with the span of its worker', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    engine.work('pay', () => ({ type: 'failed', error: 'No', traceparent }));
    const ended = await told(TELEMETRY.taskEnded, () => engine.run('task', TASK));
    expect(ended).toEqual([expect.objectContaining({ outcome: 'failed', traceparent })]);
  });

  test('that nobody answers is told of as timed out', async () => {
    engine.work('pay', () => undefined);
    const { A } = TASK.States;
    const ended = await told(TELEMETRY.taskEnded, () =>
      engine.run('task', { ...TASK, States: { A: { ...A, TimeoutSeconds: 1 } } }),
    );
    expect(ended).toEqual([expect.objectContaining({ outcome: 'timed_out', runMs: expect.any(Number) })]);
  });
});

test('shards are told of when they are taken and when they are given up', async () => {
  const other: EngineInMemory[] = [];
  const taken = await told(TELEMETRY.shardTaken, async () => other.push(await EngineInMemory.start()));
  expect(taken).toEqual([
    { shard: 0, epoch: 1 },
    { shard: 1, epoch: 1 },
  ]);
  const lost = await told(TELEMETRY.shardLost, () => Promise.all(other.map((each) => each.stop())));
  expect(lost).toEqual(taken);
});

test('the channels have the names that are documented', () => {
  const names = Object.values(TELEMETRY).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^stepyard\.[a-z]+\.[a-z]+$/.test(name))).toEqual([]);
  expect(channel('stepyard.execution.closed').hasSubscribers).toBe(false);
});
