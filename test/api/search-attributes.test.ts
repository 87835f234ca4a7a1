import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStartExecution } from '../../api/in-process.ts';
import { type RunningApi, runApi } from './support/running-api.ts';
import { createAlias, createVersions, MACHINE, PROD, to } from './support/versioned-machine.ts';

/** A machine's search attributes are read from the input of whatever is started of it from then on. */

let api: RunningApi;
beforeEach(async () => {
  api = await runApi();
  await createVersions(api);
  await createAlias(api, 'prod', to([1, 100]));
});
afterEach(() => api.close());

const start = (stateMachineArn: string, name: string, input: object) =>
  api.client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));

const found = async (attributes: Record<string, string>) => {
  const { executions } = await api.store.search.find({ stateMachineArn: MACHINE, attributes }, { limit: 9 });
  return executions.map(({ name }) => name).toSorted();
};

const order = (id: unknown, city = 'Wien') => ({ order: { id, city } });
const PATHS = { orderId: '$.order.id', city: '$.order.city' };

describe('search attributes', () => {
  test('find what was started by the machine, a version, an alias or a task', async () => {
    expect(await api.store.registry.setSearchAttributes(MACHINE, PATHS)).toBe(true);
    await start(MACHINE, 'plain', order(1));
    await start(`${MACHINE}:2`, 'version', order('2'));
    await start(PROD, 'alias', order(true));
    const request = { stateMachineArn: MACHINE, input: JSON.stringify(order(4)), requestId: 'r', name: 'task' };
    expect(await createStartExecution(api.deps)(request)).toMatchObject({ outcome: 'started' });
    expect(await found({ city: 'Wien' })).toEqual(['alias', 'plain', 'task', 'version']);
    const ids = ['1', '2', 'true', '4'];
    expect(await Promise.all(ids.map((orderId) => found({ city: 'Wien', orderId })))).toEqual([
      ['plain'],
      ['version'],
      ['alias'],
      ['task'],
    ]);
    expect(await found({ city: 'Graz' })).toEqual([]);
  });

  test('are those that the machine has at the start', async () => {
    await start(MACHINE, 'before', order(1));
    await api.store.registry.setSearchAttributes(MACHINE, PATHS);
    await start(MACHINE, 'between', order(2));
    await api.store.registry.setSearchAttributes(MACHINE, {});
    await start(MACHINE, 'after', order(3));
    expect(await found({ city: 'Wien' })).toEqual(['between']);
  });

  test('are not told by the operations of AWS', async () => {
    await api.store.registry.setSearchAttributes(MACHINE, PATHS);
    const { executionArn } = await start(MACHINE, 'a', order(1));
    const { body } = await api.call('DescribeExecution', { executionArn });
    expect(body).not.toHaveProperty('attributes');
    expect((await api.call('DescribeStateMachine', { stateMachineArn: MACHINE })).body).not.toHaveProperty(
      'searchAttributes',
    );
  });

  test('may be missing in an input', async () => {
    await api.store.registry.setSearchAttributes(MACHINE, PATHS);
    await start(MACHINE, 'none', {});
    await start(MACHINE, 'list', order([1]));
    expect(await found({ city: 'Wien' })).toEqual(['list']);
    const { executions } = await api.store.search.find({ namePrefix: 'none' }, { limit: 9 });
    expect(executions).toEqual([expect.not.objectContaining({ attributes: expect.anything() })]);
  });
});
