import { describe, expect, test } from 'vitest';
import type { ExecutionRecord } from '../../schemas/execution.ts';
import { Play } from '../support/play.ts';
import { machine, pass, task } from './fixtures.ts';

/** What a task knows of the trace that it is part of. */

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

async function startIn(trace: Partial<ExecutionRecord>): Promise<Play> {
  const play = new Play(machine({ First: pass({ Next: 'Work' }), Work: task({ Retry: RETRY }) }));
  play.execution = { ...play.execution, record: { ...play.execution.record, ...trace } };
  return play.start();
}
const RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }];

describe('a task that is dispatched', () => {
  test('names its Scheduled event, and each attempt its own', async () => {
    const play = await startIn({});
    const first = play.visitOf();
    expect(play.tasks.get(first)?.scheduledEventId).toBe(play.types.indexOf('ActivityScheduled') + 1);
    await play.fail('Broken');
    await play.fire('retry');
    expect(play.tasks.get(play.visitOf())?.scheduledEventId).toBe(play.types.lastIndexOf('ActivityScheduled') + 1);
    expect(play.visitOf()).not.toBe(first);
  });

  test.each([
    ['no trace when its execution began one', {}, undefined],
    ['the X-Ray header of its execution', { traceHeader: HEADER }, HEADER],
    ['the W3C header of its execution', { traceparent: TRACEPARENT }, TRACEPARENT],
    ['the W3C header when there are both', { traceparent: TRACEPARENT, traceHeader: HEADER }, TRACEPARENT],
  ])('has %s', async (_what, given, trace) => {
    const play = await startIn(given);
    expect(play.tasks.get(play.visitOf())?.trace).toBe(trace);
  });
});

test('a task that is submitted goes on counting from its start', async () => {
  const nested = 'arn:aws:states:::states:startExecution.sync';
  const play = await new Play(
    machine({ Call: task({ Resource: nested, Parameters: { StateMachineArn: 'arn' } }) }),
  ).start();
  const visit = play.visitOf();
  await play.started(visit);
  const began = play.at;
  play.at += 1000;
  await play.submitted({}, visit);
  expect(play.execution.frames.get('0')).toMatchObject({ wait: { started: true, submitted: true, sinceMs: began } });
});
