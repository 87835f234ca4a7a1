import { describe, expect, test } from 'vitest';
import type { HistoryEvent, HistoryEventType } from '../../schemas/history.ts';
import { type Told, violationsOf, violationsOfBooks } from './support/invariants.ts';

/** The checker finds what it is there to find. */

const event = (id: number, type: HistoryEventType, previousEventId = id - 1, details: object = {}): HistoryEvent => ({
  id,
  previousEventId,
  timestamp: id,
  type,
  ...details,
});

const output = JSON.stringify({ value: 1, result: 'r1' });
const EVENTS = [
  event(1, 'ExecutionStarted'),
  event(2, 'TaskStateEntered', 0),
  event(3, 'ActivityScheduled'),
  event(4, 'ActivityStarted'),
  event(5, 'ActivitySucceeded', 4, { activitySucceededEventDetails: { output } }),
  event(6, 'TaskStateExited'),
  event(7, 'ExecutionSucceeded', 6, { executionSucceededEventDetails: { output } }),
];
const SOUND: Told = { executionArn: 'e', status: 'SUCCEEDED', output, events: EVENTS };

/** The history with some events in the place of one, numbered anew. */
function withEvents(id: number, ...others: HistoryEvent[]): Told {
  const events = EVENTS.flatMap((one) => (one.id === id ? others : [one]));
  return { ...SOUND, events: events.map((one, index) => ({ ...one, id: index + 1 })) };
}
const original = (id: number): HistoryEvent => EVENTS[id - 1] ?? event(0, 'ExecutionStarted');

describe('a history', () => {
  test('that is sound has no violations', () => {
    expect(violationsOf(SOUND)).toEqual([]);
    expect(violationsOf({ executionArn: 'e', status: 'RUNNING', events: EVENTS.slice(0, 4) })).toEqual([]);
  });

  test.each<[string, Told]>([
    ['a gap', { ...SOUND, events: EVENTS.filter(({ id }) => id !== 6) }],
    ['an event that follows a later one', withEvents(6, event(6, 'TaskStateExited', 9))],
    ['time that runs back', withEvents(6, { ...original(6), timestamp: 1 })],
    ['two starts', withEvents(1, original(1), original(1))],
    ['two ends', withEvents(7, original(7), original(7))],
    ['an end that is not the last', withEvents(6, original(7), original(6))],
    ['no end', { ...SOUND, events: EVENTS.slice(0, 6) }],
    ['an end before its time', { ...SOUND, status: 'RUNNING' }],
    ['another end than is told', { ...SOUND, status: 'FAILED' }],
    ['another output than is told', { ...SOUND, output: '2' }],
    ['a task that started twice', withEvents(4, original(4), event(5, 'ActivityStarted', 3))],
    ['a task with two outcomes', withEvents(5, original(5), event(6, 'ActivityTimedOut', 4))],
    ['a task without an outcome', withEvents(5)],
    ['a state that is left twice', withEvents(6, original(6), original(6))],
    ['a state that is never left', withEvents(6)],
    ['an iteration that never ends', withEvents(3, event(3, 'MapIterationStarted'), original(3))],
  ])('with %s has', (_what, told) => {
    expect(violationsOf(told)).not.toEqual([]);
  });
});

describe('the books of the workers', () => {
  const books = (accepted: number, result: string) => ({
    accepted: new Map([['token', accepted]]),
    results: new Map([['token', result]]),
    delivered: new Map([['token', 1]]),
  });

  test('say what the histories say', () => {
    expect(violationsOfBooks(books(1, 'r1'), [SOUND])).toEqual([]);
  });

  test.each([
    ['a result that was accepted twice', books(2, 'r1'), [SOUND]],
    ['a result that is in two histories', books(1, 'r1'), [SOUND, SOUND]],
    ['a result that was accepted and is nowhere', books(1, 'r2'), [SOUND]],
  ])('tell of %s', (_what, of, told) => {
    expect(violationsOfBooks(of, told)).not.toEqual([]);
  });
});
