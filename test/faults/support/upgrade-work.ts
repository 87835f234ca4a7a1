import type { Plan } from './machines.ts';

/** What a rolling upgrade must not disturb, beyond the mixed work: nested executions, Map Runs, and tasks that wait through all of it. */

export const ITEMS = 6;

const START = 'arn:aws:states:::states:startExecution';

const task = (resource: string) => ({
  Type: 'Task',
  Resource: resource,
  ResultSelector: { 'value.$': '$.value' },
  TimeoutSeconds: 600,
  Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 1000 }],
  End: true,
});

const distributed = (type: 'STANDARD' | 'EXPRESS', processor: object) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type }, ...processor },
      ResultSelector: { 'values.$': '$[*].value' },
      End: true,
    },
  },
});

const one = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });

/**
 * @param resource the activity whose tasks are done at once
 * @param late the activity whose tasks are done when the upgrade is over
 * @param child the machine that `sync` waits for executions of
 */
export const upgradeDefinitions = (resource: string, late: string, child: string): Record<string, object> => ({
  late: one('Late', task(late)),
  sync: one('Sync', {
    Type: 'Task',
    Resource: `${START}.sync:2`,
    Parameters: { StateMachineArn: child, 'Input.$': '$' },
    ResultSelector: { 'name.$': '$.Output.name' },
    End: true,
  }),
  each: distributed('STANDARD', one('Work', task(resource))),
  short: distributed('EXPRESS', one('Pause', { Type: 'Wait', Seconds: 1, End: true })),
});

const DRAWS: Readonly<Record<string, (name: string) => Pick<Plan, 'input' | 'output'>>> = {
  late: (name) => ({ input: { key: name, value: 7 }, output: { value: 7 } }),
  sync: (name) => ({ input: { name }, output: { name } }),
  each: (name) => ({
    input: { items: items((value) => ({ key: `${name}/${value}`, value })) },
    output: { values: items((value) => value) },
  }),
  short: () => ({ input: { items: items((value) => ({ value })) }, output: { values: items((value) => value) } }),
};

const items = <T>(make: (value: number) => T): T[] => Array.from({ length: ITEMS }, (_, index) => make(index));

/** So many executions of each. */
export const upgradePlans = (machines: ReadonlyMap<string, string>, each: number): Plan[] =>
  Object.entries(DRAWS).flatMap(([machine, draw]) =>
    Array.from({ length: each }, (_, index) => {
      const name = `${machine}-${index}`;
      return { stateMachineArn: machines.get(machine) ?? '', name, status: 'SUCCEEDED' as const, ...draw(name) };
    }),
  );
