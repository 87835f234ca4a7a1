import { expect, test } from 'vitest';
import { Gate } from '../../engine/activities/gate.ts';
import type { PermitAsk } from '../../engine/store/permit-store.ts';
import type { ExecutionId } from '../../schemas/task.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';

const task = { executionId: 'x' as ExecutionId, visit: 1 };

test('a store that refuses at once is asked again after a while, until it has taken everything back', async () => {
  const clock = new VirtualClock();
  const asked: PermitAsk[] = [];
  let full = false;
  let sequence = 0;
  const gate = new Gate('a', {
    permits: {
      async exchange(_arn, _process, ask) {
        asked.push(ask);
        if (full) throw new Error('OOM');
        return { granted: ask.want, bound: ask.bind.map(() => true), retryMs: undefined };
      },
    },
    process: 'p',
    nextSequence: () => ++sequence,
    clock,
    log: { warn() {} },
  });
  expect(await gate.pass(1000, new AbortController().signal)).toBe('permit');
  full = true;
  await expect(gate.bind(task)).rejects.toThrow('OOM');
  const before = asked.length;
  for (let turn = 1; turn <= 3; turn += 1) {
    await clock.step();
    expect(asked.length).toBe(before + turn);
  }
  full = false;
  await clock.step();
  expect(asked.at(-1)).toMatchObject({ held: 0, bind: [], undo: [task] });
  expect(await clock.step()).toBe(false);
  expect(gate.idle).toBe(true);
});
