import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventTexts } from '../../engine/runtime/event-texts.ts';
import type { HistoryEvent } from '../../schemas/history.ts';
import type { JsonObject } from '../../schemas/json.ts';

const event = (details: JsonObject): HistoryEvent => ({
  id: 7,
  previousEventId: 6,
  timestamp: 1_767_225_600.123,
  type: 'PassStateEntered',
  stateEnteredEventDetails: details,
});

const long = fc.string({ minLength: 60, maxLength: 70, unit: 'binary' });
const values = fc.oneof(fc.string(), long, fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue());
const details = fc.record(
  { name: fc.string(), input: values, output: values, inputDetails: values },
  { requiredKeys: [] },
);

test('an event becomes the text that JSON.stringify makes of it, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(details), (all) => {
      const texts = new EventTexts();
      for (const each of all) {
        // Twice: the second time from memory.
        const expected = JSON.stringify(event(each as JsonObject));
        expect([texts.of(event(each as JsonObject)), texts.of(event(each as JsonObject))]).toEqual([
          expected,
          expected,
        ]);
      }
    }),
  );
});

test('an event without details is told, too', () => {
  const bare: HistoryEvent = { id: 1, previousEventId: 0, timestamp: 1, type: 'MapIterationAborted' };
  expect(new EventTexts().of(bare)).toBe(JSON.stringify(bare));
  expect(new EventTexts().of({ ...bare, executionFailedEventDetails: {} })).toBe(
    JSON.stringify({ ...bare, executionFailedEventDetails: {} }),
  );
});
