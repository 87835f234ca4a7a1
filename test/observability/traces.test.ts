import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { spanIdOf, traceOf } from '../../engine/observability/traces/identity.ts';
import { createTraces, type DropReason, type Traces } from '../../engine/observability/traces/traces.ts';
import type { ExecutionRecord } from '../../schemas/execution.ts';
import type { PendingTask } from '../../schemas/task.ts';
import { parseTraceparent } from '../../schemas/trace.ts';
import { attribute, Collector } from './support/collector.ts';
import { activity, EngineInMemory } from './support/engine-in-memory.ts';

/** What a collector is told of executions. */

let collector: Collector;
let engine: EngineInMemory;
let traces: Traces | undefined;
let dropped: DropReason[];

async function trace(env: Record<string, string> = {}): Promise<void> {
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const { store } = engine;
  const log = { info() {}, warn() {}, error() {} };
  const onDropped = (reason: DropReason) => void dropped.push(reason);
  traces = await createTraces({ env: process.env, store, version: '1.2.3', log, onDropped });
}

beforeEach(async () => {
  dropped = [];
  collector = await Collector.start();
  engine = await EngineInMemory.start();
});
afterEach(async () => {
  await traces?.stop(1000);
  await engine.stop();
  await collector.stop();
  vi.unstubAllEnvs();
});

const task = (name: string, more: object = {}) => ({ Type: 'Task', Resource: activity(name), ...more });
const RETRY = [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, MaxAttempts: 1 }];

/** Reserves in two branches, charges each item, and goes back when that fails. */
const SAGA = {
  StartAt: 'Reserve',
  States: {
    Reserve: {
      Type: 'Parallel',
      Next: 'Charge',
      Branches: [
        { StartAt: 'Room', States: { Room: task('reserve', { Retry: RETRY, End: true }) } },
        { StartAt: 'Table', States: { Table: { Type: 'Pass', Next: 'Chair' }, Chair: { Type: 'Pass', End: true } } },
      ],
    },
    Charge: {
      Type: 'Map',
      ItemsPath: '$.items',
      ResultPath: null,
      ItemProcessor: { StartAt: 'Pay', States: { Pay: task('pay', { End: true }) } },
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Undo' }],
      End: true,
    },
    Undo: task('undo', { End: true }),
  },
};
const saga = { ...SAGA, States: { ...SAGA.States, Reserve: { ...SAGA.States.Reserve, ResultPath: null } } };

const TASK = { StartAt: 'Work', States: { Work: task('work', { End: true }) } };

describe('a saga', () => {
  test('is a tree of its states, iterations and attempts, with their errors', async () => {
    await trace({ OTEL_SERVICE_NAME: 'shop' });
    let attempts = 0;
    engine.work('reserve', () => {
      attempts += 1;
      return attempts === 1 ? { type: 'failed', error: 'Flaky' } : { type: 'succeeded', output: '{}' };
    });
    engine.work('pay', ({ input }) =>
      input === '2' ? { type: 'failed', error: 'Declined', cause: 'no money' } : { type: 'succeeded', output: '{}' },
    );
    engine.work('undo', () => ({ type: 'succeeded', output: '{}' }));
    await engine.run('saga', saga, { input: '{"items":[1,2]}' });
    await collector.span('undo');
    const tree = collector.tree('saga');
    // Whether the first payment was told of before the second failed is nobody's promise.
    expect(tree.map((line) => line.replace(/^( +)(Charge\[0\]|Pay|pay) !aborted$/, '$1$2'))).toEqual([
      'saga',
      '  Reserve',
      '    Room',
      '      reserve !Flaky',
      '      reserve',
      '    Table',
      '    Chair',
      '  Charge !Declined',
      '    Charge[0]',
      '      Pay',
      '        pay',
      '    Charge[1] !Declined',
      '      Pay !Declined',
      '        pay !Declined',
      '  Undo',
      '    undo',
    ]);
    expect(new Set(collector.all.map(({ traceId }) => traceId)).size).toBe(1);
    expect(collector.resource).toMatchObject({ 'service.name': 'shop', 'service.version': '1.2.3' });
    expect(dropped).toEqual([]);
  });

  test('says what each span is about', async () => {
    await trace();
    engine.work('work', () => ({ type: 'failed', error: 'Broken', cause: 'into pieces' }));
    const arn = await engine.run('simple', TASK);
    const [root, state, attempt] = await Promise.all(['simple', 'Work', 'work'].map((name) => collector.span(name)));
    if (!root || !state || !attempt) throw new Error('a span is missing');
    expect(attribute(root, 'stepyard.execution.arn')).toBe(arn);
    expect(attribute(root, 'stepyard.execution.status')).toBe('FAILED');
    expect(attribute(root, 'aws.step_functions.state_machine.arn')).toMatch(/:stateMachine:simple$/);
    expect(attribute(state, 'stepyard.state.type')).toBe('Task');
    expect(attribute(attempt, 'stepyard.task.resource')).toBe(activity('work'));
    expect(attribute(attempt, 'stepyard.worker.name')).toBe('worker');
    expect(attempt.status).toEqual({ code: 2, message: 'Broken: into pieces' });
    expect(Number(root.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(attempt.endTimeUnixNano));
  });
});

describe('a state that fails by itself', () => {
  test.each([
    ['a Fail state', { Type: 'Fail', Error: 'Sold.Out', Cause: 'none left' }, 'Sold.Out'],
    ['a path that finds nothing', { Type: 'Pass', InputPath: '$.nothing', End: true }, 'States.Runtime'],
  ])('has the error of the execution: %s', async (_what, End, error) => {
    await trace();
    await engine.run('failing', { StartAt: 'Begin', States: { Begin: { Type: 'Pass', Next: 'End' }, End } });
    await collector.span('End');
    expect(collector.tree('failing')).toEqual([`failing !${error}`, '  Begin', `  End !${error}`]);
  });
});

describe('a task', () => {
  test('tells its worker which span it is, and has a link to the worker’s own', async () => {
    await trace();
    const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    let told: string | undefined;
    engine.work('work', (pending: PendingTask) => {
      told = traces?.traceparentOf(pending);
      return { type: 'succeeded', output: '{}', traceparent: own };
    });
    await engine.run('linked', TASK);
    const attempt = await collector.span('work');
    expect(parseTraceparent(told ?? '')).toEqual({ traceId: attempt.traceId, spanId: attempt.spanId, sampled: true });
    expect(attempt.links).toMatchObject([{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }]);
  });

  test('of an earlier release tells nothing', async () => {
    await trace();
    const id = { executionId: 'AAAAAAAAAAAAAAAAAAAAAA' as ExecutionRecord['executionId'], visit: 1 };
    expect(traces?.traceparentOf({ id })).toBeUndefined();
  });
});

describe('an execution', () => {
  test.each<[string, Partial<ExecutionRecord>, string, string]>([
    [
      'a W3C header',
      { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      '0af7651916cd43dd8448eb211c80319c',
      'b7ad6b7169203331',
    ],
    [
      'an X-Ray header',
      { traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1' },
      '5759e988bd862e3fe1be46a994272793',
      '53995c3f42cd8ad8',
    ],
  ])('that is started with %s is part of that trace', async (_what, given, traceId, parentSpanId) => {
    await trace();
    await engine.run('given', { StartAt: 'A', States: { A: { Type: 'Succeed' } } }, given);
    expect(await collector.span('given')).toMatchObject({ traceId, parentSpanId });
  });

  test('that is not sampled is not sent, by its parent or by ratio', async () => {
    await trace({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    const machine = { StartAt: 'A', States: { A: { Type: 'Succeed' } } };
    await engine.run('left', machine);
    await engine.run('out', machine, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' });
    await engine.run('in', machine, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    await collector.span('in');
    expect(collector.all.map(({ name }) => name)).toEqual(['in', 'A']);
  });

  test('that is redriven is one tree, with what went on where it had failed', async () => {
    await trace();
    let broken = true;
    engine.work('work', () => (broken ? { type: 'failed', error: 'Broken' } : { type: 'succeeded', output: '{}' }));
    const arn = await engine.run('again', {
      StartAt: 'Work',
      States: { Work: task('work', { Next: 'Done' }), Done: { Type: 'Pass', End: true } },
    });
    await collector.span('work');
    broken = false;
    const described = await engine.store.executions.describe(arn);
    if (!described || described.status === 'RUNNING') throw new Error('it has not ended');
    await engine.store.executions.redrive(arn, 'token', described.stopMs);
    await collector.span('Done');
    expect(collector.tree('again')).toEqual(['again', '  Work', '    work !Broken', '    work', '  Done']);
  });
});

test('a collector that takes nothing costs nothing but the traces', async () => {
  await trace();
  collector.status = 400;
  await engine.run('lost', { StartAt: 'A', States: { A: { Type: 'Succeed' } } });
  await expect.poll(() => dropped).toEqual(['not_taken']);
});

describe('without a collector', () => {
  test.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }],
  ])('there are no traces: %o', async (env) => {
    const { store } = engine;
    const log = { info() {}, warn() {}, error() {} };
    expect(await createTraces({ env, store, version: '1', log, onDropped: () => {} })).toBeUndefined();
  });

  test.each([
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER must be'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG must be'],
  ])('settings that mean nothing are told: %o', async (env, message) => {
    await expect(trace(env)).rejects.toThrow(message);
  });
});

test('the ids of spans differ between executions of one trace', () => {
  const [one, two] = ['AAAAAAAAAAAAAAAAAAAAAA', 'BAAAAAAAAAAAAAAAAAAAAA'] as ExecutionRecord['executionId'][];
  if (!one || !two) throw new Error('never');
  expect(spanIdOf(one, 1)).toMatch(/^[0-9a-f]{16}$/);
  expect(spanIdOf(one, 1)).not.toBe(spanIdOf(two, 1));
  expect(spanIdOf(one, 1)).not.toBe(spanIdOf(one, 2));
  expect(traceOf(one, undefined).traceId).toBe('0'.repeat(32));
  expect(traceOf(two, 'nonsense').traceId).toMatch(/^04/);
});
