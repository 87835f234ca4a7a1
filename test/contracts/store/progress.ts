import { describe, expect, test } from 'vitest';
import type { Frame, RunningFrame } from '../../../engine/interpreter/execution.ts';
import { begin, commit, type StoreHarness, succeed } from './fixtures.ts';

const frame = (id: string, state: string, enteredEventId: number): RunningFrame => ({
  phase: 'running',
  id,
  scope: '',
  index: 0,
  state,
  visit: 1,
  input: { large: 'x'.repeat(20_000) },
  enteredMs: 17,
  enteredEventId,
  lastEventId: enteredEventId,
  retries: [],
  variables: {},
  wait: { for: 'task', started: false },
});

export function testProgress({ open }: StoreHarness): void {
  describe('standing', () => {
    test('is another one after each commit, a close and a redrive', async () => {
      const begun = await begin(await open(), 'a');
      const { store, record } = begun;
      const { executions } = store;
      const standing = () => executions.standing(record.executionArn);
      expect(await standing()).toEqual({ status: 'RUNNING', events: 0, redriveCount: 0 });
      await commit(begun, {});
      expect(await standing()).toEqual({ status: 'RUNNING', events: 1, redriveCount: 0 });
      const stopMs = record.startMs + 5;
      const head = { state: { status: 'FAILED' as const, stopMs }, events: 2, visits: 1 };
      await commit(begun, { closed: true, head });
      expect(await standing()).toEqual({ status: 'FAILED', events: 2, redriveCount: 0, stopMs });
      await executions.redrive(record.executionArn, 'token', stopMs);
      expect(await standing()).toEqual({ status: 'RUNNING', events: 2, redriveCount: 1 });
      expect(await executions.standing('arn:none')).toBeUndefined();
    });
  });

  describe('currentStates', () => {
    test('tells the stays of frames that run, those entered first before the others', async () => {
      const begun = await begin(await open(), 'a');
      const { executionArn } = begun.record;
      const { executions } = begun.store;
      const done: Frame = { phase: 'done', scope: '', index: 1, output: 1 };
      const frames = new Map<string, Frame>([
        ['7.0', frame('7.0', 'Inner', 9)],
        ['0', frame('0', 'Outer', 2)],
        ['7.1', done],
      ]);
      await commit(begun, { frames });
      const told = (state: string, enteredEventId: number) => ({
        state,
        enteredMs: 17,
        enteredEventId,
        wait: { for: 'task', started: false },
      });
      expect(await executions.currentStates(executionArn, 9)).toEqual({
        states: [told('Outer', 2), told('Inner', 9)],
        more: false,
      });
      expect(await executions.currentStates(executionArn, 1)).toEqual({ states: [told('Outer', 2)], more: true });
      await succeed(begun, '1', 1);
      expect(await executions.currentStates(executionArn, 9)).toEqual({ states: [], more: false });
    });

    test('finds some among thousands', async () => {
      const begun = await begin(await open(), 'a');
      const small = Array.from({ length: 5000 }, (_, index): [string, Frame] => [
        `7.${index}`,
        { ...frame(`7.${index}`, 'Each', index), input: index },
      ]);
      await commit(begun, { frames: new Map(small) });
      const { states, more } = await begun.store.executions.currentStates(begun.record.executionArn, 100);
      expect([states.length, more]).toEqual([100, true]);
    });
  });
}
