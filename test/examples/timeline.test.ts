import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Ended, putMachine, runExecution } from '../../examples/support/machine.ts';
import { linesOf, pathOf, printTimeline } from '../../examples/support/timeline.ts';
import { startWorkers, TaskError } from '../../examples/support/worker.ts';
import { useSystem } from './support/system.ts';

const system = useSystem();
const activity = (name: string): string => `arn:aws:states:us-east-1:000000000000:activity:${name}`;

const pass = (name: string) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
const NESTED = {
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Next: 'Outer' },
    Outer: {
      Type: 'Parallel',
      Branches: [
        pass('Left'),
        {
          StartAt: 'Middle',
          States: {
            Middle: { Type: 'Pass', Next: 'Inner' },
            Inner: { Type: 'Parallel', Branches: [pass('Deep'), pass('Deeper')], End: true },
          },
        },
      ],
      Next: 'Try',
    },
    Try: {
      Type: 'Task',
      Resource: activity('timeline-try'),
      Retry: [{ ErrorEquals: ['Again'], MaxAttempts: 1, JitterStrategy: 'FULL' }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Risky' }],
      End: true,
    },
    Risky: {
      Type: 'Parallel',
      Branches: [{ StartAt: 'Break', States: { Break: { Type: 'Fail', Error: 'Broken' } } }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Finish' }],
      End: true,
    },
    Finish: { Type: 'Succeed' },
  },
};

async function run(): Promise<Ended> {
  const handler = () => {
    throw new TaskError('Again', 'and again');
  };
  const workers = await startWorkers({ 'timeline-try': handler }, { client: system.client });
  onTestFinished(workers.stop);
  const machine = await putMachine(system.client, 'nested', JSON.stringify(NESTED));
  return runExecution(system.client, machine, {});
}

describe('a timeline', () => {
  test('has a line for each attempt, and shows what is inside of what', async () => {
    const { events } = await run();
    const lines = linesOf(events).map(({ state, depth, attempt, error }) => [state, depth, attempt, error]);
    expect(lines.slice(0, 2)).toEqual([
      ['Begin', 0, 1, undefined],
      ['Outer', 0, 1, undefined],
    ]);
    const inside = lines.slice(2, 7).sort(([a], [b]) => String(a).localeCompare(String(b)));
    expect(inside).toEqual([
      ['Deep', 2, 1, undefined],
      ['Deeper', 2, 1, undefined],
      ['Inner', 1, 1, undefined],
      ['Left', 1, 1, undefined],
      ['Middle', 1, 1, undefined],
    ]);
    expect(lines.slice(7)).toEqual([
      ['Try', 0, 1, 'Again'],
      ['Try', 0, 2, 'Again'],
      ['Risky', 0, 1, undefined],
      ['Break', 1, 1, undefined],
      ['Finish', 0, 1, undefined],
    ]);
    expect(pathOf(events).at(-1)).toBe('Finish');
  });

  test('is printed in columns, without colour where nobody looks', async () => {
    const ended = await run();
    const print = vi.spyOn(console, 'log').mockReturnValue();
    onTestFinished(() => print.mockRestore());
    printTimeline('a title', ended, (state) => state === 'Risky');
    const printed = print.mock.calls.map(([line]) => String(line));
    const columnOf = (text: string): number | undefined => printed.find((line) => line.includes(text))?.indexOf(text);
    expect(printed[0]).toBe('\na title');
    expect(printed.find((line) => line.includes('Try'))).toMatch(/^ +\d+ ms {2}Try +1 +\d+ ms {2}Again: and again$/);
    expect(columnOf('<- Risky')).toBe(columnOf('state'));
    expect(columnOf('Try')).toBe(columnOf('state'));
    expect(printed.at(-1)).toBe('  SUCCEEDED {"Error":"Broken","Cause":""}');
  });
});
