import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { OpenExecutions } from '../../api/open-executions.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../schemas/execution.ts';
import { runApi } from './support/running-api.ts';
import { createVersions, MACHINE } from './support/versioned-machine.ts';

/** A store with so many open executions; of its shards, what waits in the inbox and for how long. */
function counted(open: readonly number[], inboxes: readonly { entries: number; oldestMs: number }[] = []) {
  let counts = 0;
  const none = Object.fromEntries(EXECUTION_STATUSES.map((status) => [status, 0])) as Record<ExecutionStatus, number>;
  const memory = createMemoryStore({ retentionMs: 1, shards: Math.max(1, inboxes.length) });
  const { search, statistics } = memory;
  search.counts = async () => ({ statuses: { ...none, RUNNING: open[counts++] ?? open.at(-1) ?? 0 } });
  const shards = statistics.shards.bind(statistics);
  statistics.shards = async (numbers) =>
    (await shards(numbers)).map((shard) => ({ ...shard, inbox: inboxes[shard.shard] ?? shard.inbox }));
  return { store: memory, times: () => counts };
}

describe('open executions', () => {
  test('are admitted up to the limit, with those that were started since they were counted', async () => {
    const { store, times } = counted([3]);
    const open = new OpenExecutions(store, 5);
    await open.admit();
    await open.admit();
    await expect(open.admit()).rejects.toMatchObject({ type: 'ExecutionLimitExceeded', status: 400 });
    expect(times()).toBe(1);
  });

  test('are also those that no engine has begun, when they wait for long', async () => {
    const waiting = { entries: 2, oldestMs: 5000 };
    const { store } = counted([2], [{ entries: 9, oldestMs: 20 }, waiting]);
    const open = new OpenExecutions(store, 5);
    await open.admit();
    await expect(open.admit()).rejects.toMatchObject({ type: 'ExecutionLimitExceeded', status: 400 });
  });

  test('are counted again when a second has passed', async () => {
    const { store, times } = counted([5, 4]);
    const open = new OpenExecutions(store, 5);
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
    expect(times()).toBe(2);
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
