import { describe, expect, test } from 'vitest';
import { statusEvent } from '../../engine/runtime/status-event.ts';
import type { StatusChange } from '../../schemas/webhook.ts';
import { newRecord } from '../contracts/store/fixtures.ts';

const startMs = Date.parse('2026-01-31T12:00:00.123Z');
const record = { ...newRecord('a'), startMs };
const eventOf = (change: StatusChange, more: object = {}) =>
  JSON.parse(statusEvent({ ...record, ...more }, change).body);
const stopMs = startMs + 2000;

describe('a status change is told as EventBridge tells it', () => {
  test('when an execution begins', () => {
    const { eventId, body } = statusEvent(record, { state: { status: 'RUNNING' } });
    expect(eventId).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
    expect(JSON.parse(body)).toEqual({
      version: '0',
      id: eventId,
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: '000000000000',
      time: '2026-01-31T12:00:00Z',
      region: 'us-east-1',
      resources: [record.executionArn],
      detail: {
        executionArn: record.executionArn,
        stateMachineArn: record.stateMachineArn,
        name: 'a',
        status: 'RUNNING',
        startDate: startMs,
        stopDate: null,
        input: '{"order":1}',
        inputDetails: { included: true },
        output: null,
        outputDetails: null,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
        error: null,
        cause: null,
      },
    });
  });

  test('when it succeeds', () => {
    const event = eventOf({ state: { status: 'SUCCEEDED', stopMs, output: '1' } });
    expect(event.time).toBe('2026-01-31T12:00:02Z');
    expect(event.detail).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: stopMs,
      output: '1',
      outputDetails: { included: true },
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  test.each(['FAILED', 'ABORTED'] as const)('when it is %s', (status) => {
    const { detail } = eventOf({ state: { status, stopMs, error: 'Broken', cause: 'why' } });
    expect(detail).toMatchObject({ status, error: 'Broken', cause: 'why', redriveStatus: 'REDRIVABLE' });
    expect([detail.output, detail.outputDetails, detail.redriveStatusReason]).toEqual([null, null, null]);
  });

  test('when it times out, of which AWS tells no error', () => {
    const { detail } = eventOf({ state: { status: 'TIMED_OUT', stopMs, error: 'States.Timeout' } });
    expect(detail).toMatchObject({ status: 'TIMED_OUT', error: null, cause: null, redriveStatus: 'REDRIVABLE' });
  });

  test('when it is redriven', () => {
    const lastMs = stopMs + 5000;
    const versioned = { stateMachineVersionArn: 'arn:version', stateMachineAliasArn: 'arn:alias' };
    const event = eventOf({ state: { status: 'RUNNING' }, redrives: { count: 2, lastMs } }, versioned);
    expect(event.time).toBe('2026-01-31T12:00:07Z');
    expect(event.detail).toMatchObject({ redriveCount: 2, redriveDate: lastMs, stopDate: null, ...versioned });
  });
});

test('each change of an execution has an id of its own, always the same', () => {
  const changes: StatusChange[] = [
    { state: { status: 'RUNNING' } },
    { state: { status: 'FAILED', stopMs } },
    { state: { status: 'RUNNING' }, redrives: { count: 1, lastMs: 1 } },
    { state: { status: 'FAILED', stopMs }, redrives: { count: 1, lastMs: 1 } },
  ];
  const ids = () => changes.map((change) => statusEvent(record, change).eventId);
  expect(new Set(ids()).size).toBe(4);
  expect(ids()).toEqual(ids());
  expect(statusEvent({ ...record, startMs: 7 }, changes[0] as StatusChange).eventId).not.toBe(ids()[0]);
});

describe('data that is too large for EventBridge is left out', () => {
  const LIMIT = 248 * 1024;
  const text = (bytes: number) => 'x'.repeat(bytes - 2);
  const succeeded = (output: string): StatusChange => ({ state: { status: 'SUCCEEDED', stopMs, output } });

  test.each([
    [LIMIT - 10, 10, true, true],
    [LIMIT - 9, 10, false, true],
    [10, LIMIT, false, true],
    [10, LIMIT + 1, false, false],
  ])('of %i and %i bytes', (input, output, hasInput, hasOutput) => {
    const { detail } = eventOf(succeeded(text(output)), { input: text(input) });
    expect(detail.inputDetails).toEqual({ included: hasInput });
    expect(detail.outputDetails).toEqual({ included: hasOutput });
    expect([detail.input !== null, detail.output !== null]).toEqual([hasInput, hasOutput]);
  });

  test('as it is with its characters escaped', () => {
    const { detail } = eventOf({ state: { status: 'RUNNING' } }, { input: '"'.repeat(LIMIT / 2) });
    expect(detail).toMatchObject({ input: null, inputDetails: { included: false } });
  });
});
