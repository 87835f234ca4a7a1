import { describe, expect, test } from 'vitest';
import type { Frame, FrameId } from '../../engine/interpreter/execution.ts';
import { applyFrames } from '../../engine/interpreter/frame-index.ts';
import { StatesOfFrames } from '../../engine/runtime/states-of-frames.ts';

const frameIn = (state: string, phase: 'running' | 'halted' = 'running'): Frame => ({
  ...{ scope: '', index: 0, id: '0', state, visit: 1, input: {}, enteredMs: 1, enteredEventId: 2, lastEventId: 2 },
  ...{ retries: [], variables: {} },
  ...(phase === 'running' ? { phase, wait: { for: 'timer' } } : { phase }),
});

/** An execution in memory: each step says in which states which frames are after it. */
function follow(loaded: Record<FrameId, Frame> = {}) {
  const frames = new Map(Object.entries(loaded));
  const states = new StatesOfFrames(frames);
  return {
    step(changed: Record<FrameId, Frame | null>) {
      const changes = new Map(Object.entries(changed));
      states.apply(frames, changes);
      applyFrames(frames, changes);
    },
    changes: (closed = false) => states.changes(closed),
  };
}

const NOTHING = { entered: [], left: [] };

describe('the states of an execution', () => {
  test('are told when they are entered and left, once', () => {
    const { step, changes } = follow();
    step({ '0': frameIn('A') });
    expect(changes()).toEqual({ entered: ['A'], left: [] });
    expect(changes()).toEqual(NOTHING);
    step({ '0': frameIn('B') });
    step({ '0': frameIn('C') });
    expect(changes()).toEqual({ entered: ['C'], left: ['A'] });
    expect(changes(true)).toEqual({ entered: [], left: ['C'] });
  });

  test('are nothing to tell when it runs through in one batch', () => {
    const { step, changes } = follow();
    step({ '0': frameIn('A') });
    step({ '0': null });
    expect(changes(true)).toEqual(NOTHING);
  });

  test('are nothing to tell when it comes back to where it was', () => {
    const { step, changes } = follow();
    step({ '0': frameIn('A') });
    changes();
    step({ '0': frameIn('B') });
    step({ '0': frameIn('A') });
    expect(changes()).toEqual(NOTHING);
  });

  test('are left when the last of their frames leaves', () => {
    const { step, changes } = follow();
    step({ '0': frameIn('Map'), '1.0': frameIn('Each'), '1.1': frameIn('Each'), '1.2': frameIn('Each', 'halted') });
    expect(changes()).toEqual({ entered: ['Map', 'Each'], left: [] });
    step({ '1.0': null });
    expect(changes()).toEqual(NOTHING);
    step({ '1.1': { phase: 'done', scope: '', index: 1, output: 1 } });
    expect(changes()).toEqual({ entered: [], left: ['Each'] });
  });

  test('are told again after it was read: who wrote it before may not have known the index', () => {
    const { step, changes } = follow({ '0': frameIn('Map'), '1.0': frameIn('A'), '1.1': frameIn('B') });
    step({ '1.0': frameIn('C') });
    expect(changes()).toEqual({ entered: ['Map', 'B', 'C'], left: ['A'] });
    expect(changes()).toEqual(NOTHING);
  });

  test('are left when it ends with the first that happens after it was read', () => {
    const { step, changes } = follow({ '0': frameIn('A') });
    step({ '0': frameIn('A', 'halted') });
    expect(changes(true)).toEqual({ entered: [], left: ['A'] });
  });
});
