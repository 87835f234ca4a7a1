import { resourceFromAttributes } from '@opentelemetry/resources';
import { describe, expect, test } from 'vitest';
import { spanIdOf, traceOf } from '../../engine/observability/traces/identity.ts';
import { SpanReader } from '../../engine/observability/traces/read-spans.ts';
import { toldSpans } from '../../engine/observability/traces/told-spans.ts';
import { WorkerSpans } from '../../engine/observability/traces/worker-spans.ts';
import type { ExecutionRecord } from '../../schemas/execution.ts';
import type { HistoryEvent, HistoryEventType } from '../../schemas/history.ts';
import type { ExecutionId } from '../../schemas/task.ts';

/** What histories come to, without a collector. */

const CHILD = 'BBBBBBBBBBBBBBBBBBBBBA' as ExecutionId;
const PARENT = 'CCCCCCCCCCCCCCCCCCCCCA' as ExecutionId;
const GIVEN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const record = (more: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
  executionId: CHILD,
  executionArn: 'arn:child',
  name: 'child',
  stateMachineArn: 'arn:machine',
  stateMachineName: 'machine',
  roleArn: 'arn:role',
  revisionId: 'r1',
  startMs: 1,
  input: '{}',
  seed: 'seed',
  ...more,
});
const OF_MAP_RUN: Partial<ExecutionRecord> = {
  child: {
    mapRunArn: 'arn:map-run',
    parent: PARENT,
    visit: 1,
    index: 0,
    scope: '',
    type: 'STANDARD',
    items: 1,
    tellsInput: false,
  },
};

function readSpans(told: readonly Told[]) {
  const reader = new SpanReader('machine');
  for (const event of historyOf(told)) reader.read(event);
  return reader.root;
}

/** Events in order: type, the id of the one it follows, details. */
type Told = [type: HistoryEventType, previousEventId: number, details?: Record<string, string | number>];

const historyOf = (told: readonly Told[]): HistoryEvent[] =>
  told.map(([type, previousEventId, details = {}], index) => ({
    id: index + 1,
    previousEventId,
    timestamp: 1000 + index,
    type,
    ...{ [`x${type}EventDetails`]: details },
  }));

const SIMPLE: Told[] = [
  ['ExecutionStarted', 0],
  ['PassStateEntered', 0, { name: 'A' }],
  ['PassStateExited', 2, { name: 'A' }],
  ['ExecutionSucceeded', 3],
];

function spansOf(told: readonly Told[], of: ExecutionRecord) {
  const root = readSpans(told);
  if (!root) throw new Error('no root');
  const telling = { record: of, status: 'SUCCEEDED', resource: resourceFromAttributes({}), workers: new Map() };
  return [...toldSpans(root, telling)];
}

describe('a child of a Map Run', () => {
  test('has a trace of its own that is linked to its parent', () => {
    const [root] = spansOf(SIMPLE, record(OF_MAP_RUN));
    expect(root?.parentSpanContext).toBeUndefined();
    expect(root?.spanContext().traceId).toBe(traceOf(CHILD, undefined).traceId);
    expect(root?.links).toMatchObject([
      { context: { traceId: traceOf(PARENT, undefined).traceId, spanId: spanIdOf(PARENT, 1) } },
    ]);
  });

  test('is inside its parent when that was started in a trace', () => {
    const [root] = spansOf(SIMPLE, record({ ...OF_MAP_RUN, traceparent: GIVEN }));
    expect(root?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(root?.parentSpanContext?.spanId).toBe(spanIdOf(PARENT, 1));
  });
});

describe('a history', () => {
  const shapeOf = (told: readonly Told[]): string[] =>
    spansOf(told, record()).map(({ name, attributes }) => {
      const error = attributes['error.type'];
      return error === undefined ? name : `${name} !${String(error)}`;
    });

  test('that does not begin with its start has no spans', () => {
    expect(readSpans(SIMPLE.slice(1))).toBeUndefined();
  });

  test('ends what is open with the execution', () => {
    expect(
      shapeOf([
        ['ExecutionStarted', 0],
        ['WaitStateEntered', 0, { name: 'A' }],
        ['ExecutionAborted', 0],
      ]),
    ).toEqual(['machine !aborted', 'A !aborted']);
  });

  test('tells which attempt of a Parallel has failed, and what was stopped with it', () => {
    expect(
      shapeOf([
        ['ExecutionStarted', 0],
        ['ParallelStateEntered', 0, { name: 'P' }],
        ['ParallelStateStarted', 2],
        ['TaskStateEntered', 3, { name: 'T' }],
        ['WaitStateEntered', 3, { name: 'W' }],
        ['ActivityScheduled', 4, { resource: 'arn:aws:states:r:1:activity:pay' }],
        ['ActivityFailed', 6, { error: 'Broken' }],
        ['TaskStateAborted', 7],
        ['WaitStateAborted', 7],
        // Tried again.
        ['ParallelStateStarted', 7],
        ['PassStateEntered', 10, { name: 'T' }],
        ['PassStateExited', 11, { name: 'T' }],
        ['ParallelStateSucceeded', 12],
        ['ParallelStateExited', 13, { name: 'P' }],
        ['ExecutionSucceeded', 14],
      ]),
    ).toEqual(['machine', 'P', 'T !Broken', 'pay !Broken', 'W !aborted', 'T']);
  });

  test('tells of an expression that failed, and of a Map Run', () => {
    expect(
      shapeOf([
        ['ExecutionStarted', 0],
        ['MapStateEntered', 0, { name: 'M' }],
        ['MapStateStarted', 2],
        ['MapRunStarted', 3, { mapRunArn: 'arn:map-run' }],
        ['MapRunFailed', 4, { error: 'States.ItemReaderFailed' }],
        ['MapStateFailed', 5],
        ['ExecutionFailed', 6, { error: 'States.ItemReaderFailed' }],
      ]),
    ).toEqual(['machine !States.ItemReaderFailed', 'M !States.ItemReaderFailed']);
    expect(
      shapeOf([
        ['ExecutionStarted', 0],
        ['PassStateEntered', 0, { name: 'A' }],
        ['EvaluationFailed', 0, { state: 'A', error: 'States.QueryEvaluationError' }],
        ['ExecutionFailed', 3, { error: 'States.QueryEvaluationError' }],
      ]),
    ).toEqual(['machine !States.QueryEvaluationError', 'A !States.QueryEvaluationError']);
  });

  test('with thousands of iterations that are stopped is read at once', () => {
    const count = 10_000;
    const told: Told[] = [
      ['ExecutionStarted', 0],
      ['MapStateEntered', 0, { name: 'M' }],
      ['MapStateStarted', 2],
      ...Array.from({ length: count }, (_, index): Told => ['MapIterationStarted', 3, { name: 'M', index }]),
      ...Array.from({ length: count }, (_, index): Told => ['MapIterationAborted', 3, { name: 'M', index }]),
      ['ExecutionAborted', 0],
    ];
    const names = new Set(shapeOf(told));
    expect(names.size).toBe(count + 2);
    expect(names).toContain('M[9999] !aborted');
  });
});

test('the spans of workers are remembered of so many executions, and once', () => {
  const workers = new WorkerSpans(2);
  for (const arn of ['a', 'b', 'c']) workers.note(arn, 1, GIVEN);
  workers.note('c', 2, GIVEN);
  expect([...workers.take('a')]).toEqual([]);
  expect([...workers.take('c').keys()]).toEqual([1, 2]);
  expect([...workers.take('c')]).toEqual([]);
});
