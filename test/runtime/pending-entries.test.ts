import { expect, test } from 'vitest';
import type { Stimulus } from '../../engine/interpreter/stimulus.ts';
import { PendingEntries } from '../../engine/runtime/pending-entries.ts';
import type { InboxEntry } from '../../engine/store/store.ts';
import type { ExecutionId } from '../../schemas/task.ts';

const entry = (stimulus: Stimulus, entryId = '1-0'): InboxEntry => ({
  shard: 0,
  entryId,
  executionId: 'AAAAAAAAAAAAAAAAAAAAAA' as ExecutionId,
  stimulus,
});
const settled = (characters: number) =>
  entry({ type: 'TaskSettled', at: 1, visit: 1, result: { type: 'succeeded', output: 'x'.repeat(characters) } });
const redriven = (characters: number) =>
  entry({ type: 'Redriven', at: 1, count: 1, edits: { input: { frame: '0', text: 'x'.repeat(characters) } } });
const ending = { status: 'SUCCEEDED', startMs: 1, stopMs: 1, executionArn: 'arn' } as const;
const ended = (characters: number) => {
  const text = 'x'.repeat(characters / 2);
  return entry({
    type: 'ChildEnded',
    at: 1,
    visit: 1,
    index: 0,
    attempt: 0,
    ending: { ...ending, output: text, input: text },
  });
};

test('entries are taken in their order', () => {
  const pending = new PendingEntries();
  pending.push(['1-0', '2-0', '3-0'].map((id) => entry({ type: 'Continued', at: 1, visit: 1 }, id)));
  expect(pending.first(2).map(({ entryId }) => entryId)).toEqual(['1-0', '2-0']);
  expect(pending.take(2).map(({ entryId }) => entryId)).toEqual(['1-0', '2-0']);
  expect(pending.take(2).map(({ entryId }) => entryId)).toEqual(['3-0']);
  expect(pending.isEmpty).toBe(true);
});

test.each([
  ['many entries', 4096, entry({ type: 'Continued', at: 1, visit: 1 })],
  ['large results', 256, settled(262_144)],
  ['large inputs of redrives', 256, redriven(262_144)],
  ['large ends of children', 128, ended(524_288)],
])('there is room again when some of %s have been taken', (_, most, each) => {
  const pending = new PendingEntries();
  pending.push(Array.from({ length: most - 1 }, () => each));
  expect(pending.isFull).toBe(false);
  pending.push([each]);
  expect(pending.isFull).toBe(true);
  pending.take(1);
  expect(pending.isFull).toBe(false);
  pending.push([each]);
  pending.clear();
  expect([pending.isFull, pending.isEmpty]).toEqual([false, true]);
});
