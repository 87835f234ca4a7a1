import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { OpenExecutions } from '../../api/open-executions.ts';
import { EXECUTION_STATUSES } from '../../schemas/execution.ts';
import { runApi } from './support/running-api.ts';
import { createVersions, MACHINE } from './support/versioned-machine.ts';

/** A store with so many open executions. */
function counted(...open: number[]) {
  let counts = 0;
  const search = {
    counts: async () => {
      const running = open[counts++] ?? open.at(-1) ?? 0;
      return {
        statuses: { ...Object.fromEntries(EXECUTION_STATUSES.map((status) => [status, 0])), RUNNING: running } as never,
      };
    },
  };
  return { search, times: () => counts };
}

describe('open executions', () => {
  test('are admitted up to the limit, with those that were started since they were counted', async () => {
    const store = counted(3);
    const open = new OpenExecutions(store.search, 5);
    await open.admit();
    await open.admit();
    await expect(open.admit()).rejects.toMatchObject({ type: 'ExecutionLimitExceeded', status: 400 });
    expect(store.times()).toBe(1);
  });

  test('are counted again when a second has passed', async () => {
    const store = counted(5, 4);
    const open = new OpenExecutions(store.search, 5);
    await expect(open.admit()).rejects.toMatchObject({ type: 'ExecutionLimitExceeded' });
    await expect
      .poll(
        () =>
          open.admit().then(
            () => 'admitted',
            () => 'refused',
          ),
        { timeout: 5000 },
      )
      .toBe('admitted');
    expect(store.times()).toBe(2);
  });

  test('beyond the limit are refused to clients', async () => {
    const api = await runApi({ maxOpenExecutions: 2 });
    await createVersions(api);
    const start = () => api.client.send(new StartExecutionCommand({ stateMachineArn: MACHINE }));
    await start();
    await start();
    await expect(start()).rejects.toMatchObject({
      name: 'ExecutionLimitExceeded',
      message: expect.stringMatching(/^The maximum number of running executions has been reached\./),
    });
    await api.close();
  });
});
