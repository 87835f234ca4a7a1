import { describe, expect, test } from 'vitest';
import { AWS_LIMITS } from '../../engine/interpreter/limits.ts';
import type { JsonObject } from '../../schemas/json.ts';
import type { PerformTask, TaskOutcome, TaskRequest } from '../../schemas/task.ts';
import { fail, machine, pass } from '../interpreter/fixtures.ts';
import { ExpressProcess } from './support/express-process.ts';

/** Express executions run in memory, on the clock of their process, for five minutes at most. */

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';

const call = (fields: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: FUNCTION,
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});
const wait = (seconds: number): JsonObject => ({ Type: 'Wait', Seconds: seconds, End: true });

/** A function whose calls are answered when the test says so. */
class HeldFunction {
  readonly calls: { request: TaskRequest; signal: AbortSignal; answer(outcome: TaskOutcome): void }[] = [];
  readonly perform: PerformTask = (request, signal) => {
    const { promise, resolve } = Promise.withResolvers<TaskOutcome>();
    this.calls.push({ request, signal, answer: resolve });
    return promise;
  };
}

describe('an Express execution', () => {
  test('goes through its states and ends with its output', async () => {
    const quick = new ExpressProcess();
    const definition = machine({ A: pass({ Result: 1, ResultPath: '$.a', Next: 'B' }), B: pass() });
    expect(await quick.run(definition, { b: 2 })).toEqual({
      status: 'SUCCEEDED',
      output: '{"b":2,"a":1}',
      tookMs: 0,
    });
  });

  test('fails with its error', async () => {
    const ended = await new ExpressProcess().run(machine({ A: fail('Broken') }));
    expect(ended).toEqual({ status: 'FAILED', error: 'Broken', cause: 'because Broken', tookMs: 0 });
  });

  test('waits', async () => {
    expect(await new ExpressProcess().run(machine({ A: wait(10) }))).toMatchObject({ tookMs: 10_000 });
  });

  test.each([
    [400, {}, 300],
    [99_999_999, {}, 300],
    [300, {}, 300],
    [400, { TimeoutSeconds: 1000 }, 300],
    [400, { TimeoutSeconds: 20 }, 20],
  ])('that would wait for %i s with %j times out after %i s', async (seconds, fields, tookSeconds) => {
    const ended = await new ExpressProcess().run(machine({ A: wait(seconds) }, fields));
    expect(ended).toEqual({ status: 'TIMED_OUT', error: 'States.Timeout', tookMs: tookSeconds * 1000 });
  });

  test('knows that it cannot be redriven', async () => {
    const show = machine({ A: pass({ Parameters: { 'execution.$': '$$.Execution' } }) });
    const ended = await new ExpressProcess().run(show, { a: 1 });
    expect(JSON.parse(ended.status === 'SUCCEEDED' ? ended.output : '')).toEqual({
      execution: {
        Id: 'arn:aws:states:us-east-1:000000000000:express:quick:run-1:id',
        Input: { a: 1 },
        Name: 'run-1',
        RoleArn: 'arn:aws:iam::000000000000:role/r',
        StartTime: '2026-01-01T00:00:00.000Z',
      },
    });
  });

  test('has no limit of events but for those of one step, so that a loop cannot stop the process', async () => {
    const limits = { ...AWS_LIMITS, maxHistoryEvents: 30 };
    const again = { Type: 'Choice', Choices: [{ Variable: '$.stop', IsPresent: true, Next: 'Z' }], Default: 'A' };
    const loop = machine({ A: pass({ Next: 'B' }), B: again, Z: pass() });
    expect(await new ExpressProcess(undefined, { limits }).run(loop)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
    const patient = machine({ A: { Type: 'Wait', Seconds: 1, Next: 'B' }, B: again, Z: pass() });
    expect(await new ExpressProcess(undefined, { limits }).run(patient)).toMatchObject({ status: 'TIMED_OUT' });
  });
});

describe('a task of an Express execution', () => {
  test('is performed with its input, and its result is the output', async () => {
    const requests: TaskRequest[] = [];
    const quick = new ExpressProcess(async (request) => {
      requests.push(request);
      return { type: 'succeeded', output: '{"done":true}' };
    });
    expect(await quick.run(machine({ A: call() }), { a: 1 })).toMatchObject({ output: '{"done":true}' });
    expect(requests).toEqual([{ resource: FUNCTION, input: '{"a":1}', taskToken: expect.any(String) }]);
  });

  test('is tried again after the time that Retry says, then caught', async () => {
    let calls = 0;
    const quick = new ExpressProcess(async () => {
      calls += 1;
      return { type: 'failed', error: 'Busy', cause: 'later' };
    });
    const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 3 }];
    const rules = { Retry: retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] };
    const ended = await quick.run(machine({ A: call(rules), B: pass() }));
    expect(ended).toEqual({ status: 'SUCCEEDED', output: '{"Error":"Busy","Cause":"later"}', tookMs: 8000 });
    expect(calls).toBe(3);
  });

  test('that takes longer than its TimeoutSeconds is cut off, and a late result is nothing', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform);
    const rules = { TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }] };
    const begun = await quick.start(machine({ A: call(rules), B: { ...wait(5), End: true } }));
    await quick.settle();
    await quick.clock.step();
    expect(held.calls[0]?.signal.aborted).toBe(true);
    held.calls[0]?.answer({ type: 'succeeded', output: '"late"' });
    expect(await quick.finish(begun.ended)).toMatchObject({
      stopMs: begun.startMs + 10_000,
      output: '{"Error":"States.Timeout","Cause":""}',
    });
  });

  test('that is done in time has no timeout any more', async () => {
    const quick = new ExpressProcess(async () => ({ type: 'succeeded', output: '{}' }));
    const states = { A: call({ TimeoutSeconds: 5, Next: 'B' }), B: wait(10) };
    expect(await quick.run(machine(states))).toMatchObject({ status: 'SUCCEEDED', tookMs: 10_000 });
  });

  test('needs no heartbeat: it is performed where it is waited for', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform);
    const begun = await quick.start(machine({ A: call({ HeartbeatSeconds: 5, TimeoutSeconds: 60 }) }));
    await quick.settle();
    quick.clock.after(50_000, () => held.calls[0]?.answer({ type: 'succeeded', output: '1' }));
    expect(await quick.finish(begun.ended)).toMatchObject({ status: 'SUCCEEDED', stopMs: begun.startMs + 50_000 });
  });

  test('is cut off when a branch beside it fails', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform);
    const branches = [
      machine({ B: call() }),
      machine({ C: { Type: 'Wait', Seconds: 1, Next: 'D' }, D: fail('Broken') }),
    ];
    const definition = machine({ A: { Type: 'Parallel', Branches: branches, End: true } });
    expect(await quick.run(definition)).toMatchObject({ status: 'FAILED', error: 'Broken', tookMs: 1000 });
    expect(held.calls.map(({ signal }) => signal.aborted)).toEqual([true]);
  });

  test('that is dropped in the step that asked for it is not performed', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform);
    const branches = [machine({ B: call() }), machine({ C: fail('Broken') })];
    const caught = { Catch: [{ ErrorEquals: ['Broken'], Next: 'Z' }] };
    const states = { A: { Type: 'Parallel', Branches: branches, End: true, ...caught }, Z: wait(1) };
    expect(await quick.run(machine(states))).toMatchObject({ status: 'SUCCEEDED' });
    expect(held.calls).toEqual([]);
  });

  test.each<[PerformTask, string]>([
    [() => Promise.reject(new Error('a bug')), 'a bug'],
    [() => Promise.reject('a bug'), 'a bug'],
    [async () => ({ type: 'submitted', output: '{}' }), `Express executions do not wait for ${FUNCTION}.`],
  ])('fails when its integration goes wrong: %#', async (perform, cause) => {
    const ended = await new ExpressProcess(perform).run(machine({ A: call() }));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed', cause });
  });

  test('waits for its turn when many are performed already', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform, { maxTasks: 2 });
    const map = { Type: 'Map', ItemProcessor: machine({ B: call() }), End: true };
    const begun = await quick.start(machine({ A: map }), [1, 2, 3, 4, 5]);
    const performed: number[] = [];
    for (let done = 0; done < 5; done += 1) {
      await quick.settle();
      performed.push(held.calls.length);
      held.calls[done]?.answer({ type: 'succeeded', output: String(done) });
    }
    expect(await quick.finish(begun.ended)).toMatchObject({ output: '[0,1,2,3,4]' });
    expect(performed).toEqual([2, 3, 4, 5, 5]);
  });

  test('that times out while it waits for its turn is not performed', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform, { maxTasks: 1 });
    const first = await quick.start(machine({ A: call() }));
    expect(await quick.run(machine({ A: call({ TimeoutSeconds: 3 }) }))).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    held.calls[0]?.answer({ type: 'succeeded', output: '1' });
    await quick.finish(first.ended);
    expect(held.calls.length).toBe(1);
    const last = await quick.start(machine({ A: call() }));
    await quick.settle();
    expect(held.calls.length).toBe(2);
    held.calls[1]?.answer({ type: 'succeeded', output: '2' });
    expect(await quick.finish(last.ended)).toMatchObject({ output: '2' });
  });

  test('that is done at once, again and again, leaves room for everything else', async () => {
    const quick = new ExpressProcess();
    const loop = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'A' }] };
    const begun = await quick.start(machine({ A: call(loop) }));
    await quick.settle();
    await quick.finish(quick.runner.stop(0));
    expect(await begun.ended).toMatchObject({ status: 'FAILED' });
  });
});

describe('a process', () => {
  test('takes no more executions than it may, and more when some have ended', async () => {
    const quick = new ExpressProcess(undefined, { maxExecutions: 2 });
    const [first] = [await quick.start(machine({ A: wait(1) })), await quick.start(machine({ A: wait(2) }))];
    expect(await quick.tryStart(machine({ A: pass() }))).toEqual({ outcome: 'busy' });
    await quick.finish(first.ended);
    expect(await quick.run(machine({ A: pass() }))).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('that stops waits for what runs, also for what that starts', async () => {
    const quick = new ExpressProcess(async () => {
      later = quick.run(machine({ A: wait(3) }));
      return { type: 'succeeded', output: '{}' };
    });
    let later: ReturnType<typeof quick.run> | undefined;
    const begun = await quick.start(machine({ A: { Type: 'Wait', Seconds: 2, Next: 'B' }, B: call() }));
    const stopping = quick.runner.stop(10_000);
    await quick.finish(stopping);
    expect(await begun.ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(await later).toMatchObject({ status: 'SUCCEEDED', tookMs: 3000 });
    expect(quick.clock.now() - begun.startMs).toBe(5000);
  });

  test('that stops fails what takes too long, cuts its tasks off, and takes nothing more', async () => {
    const held = new HeldFunction();
    const quick = new ExpressProcess(held.perform);
    const begun = await quick.start(machine({ A: call() }));
    await quick.finish(quick.runner.stop(4000));
    expect(await begun.ended).toEqual({
      status: 'FAILED',
      stopMs: begun.startMs + 4000,
      error: 'States.Runtime',
      cause: 'The process that ran the execution was stopped.',
    });
    expect(held.calls[0]?.signal.aborted).toBe(true);
    expect(await quick.tryStart(machine({ A: pass() }))).toEqual({ outcome: 'stopped' });
    expect(await quick.clock.step()).toBe(false);
  });

  test('that runs nothing stops at once', async () => {
    const quick = new ExpressProcess();
    await quick.runner.stop(60_000);
    expect(await quick.clock.step()).toBe(false);
  });
});
