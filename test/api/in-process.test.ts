import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStartExecution } from '../../api/in-process.ts';
import { StoreUnavailable } from '../../engine/store/store.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** Executions that tasks start: a task may run again when what ran it has died, and starts nothing twice. */

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:child';
const DEFINITION = '{"StartAt":"Wait","States":{"Wait":{"Type":"Pass","End":true}}}';

let api: RunningApi;
beforeEach(async () => {
  api = await runApi();
  await api.call('CreateStateMachine', {
    name: 'child',
    definition: DEFINITION,
    roleArn: 'arn:aws:iam::012345678901:role/r',
  });
});
afterEach(() => api.close());

const request = { stateMachineArn: MACHINE, input: '{}', requestId: 'the token of the task' };

describe('a task that starts an execution without naming it', () => {
  test('starts one, however often it runs', async () => {
    const start = createStartExecution(api.deps);
    const first = await start(request);
    expect(first).toMatchObject({ outcome: 'started' });
    expect(await start(request)).toEqual(first);
  });

  test('finds the one that it started so long ago that it has ended and its request is forgotten', async () => {
    const first = await createStartExecution(api.deps)(request);
    const { executions } = api.store;
    const forgetful = new Proxy(executions, {
      get: (target, name) =>
        name === 'start' ? async () => ({ outcome: 'exists', startMs: 5000 }) : Reflect.get(target, name),
    });
    const store = { ...api.deps.store, executions: forgetful };
    const start = createStartExecution({ ...api.deps, store });
    expect(await start(request)).toEqual({ ...first, startMs: 5000 });
    const named = await start({ ...request, name: 'theirs' });
    expect(named).toMatchObject({ outcome: 'refused', code: 'ExecutionAlreadyExists' });
  });

  test('knows the one that it waits for, whoever named it and however it stands', async () => {
    const start = createStartExecution(api.deps);
    const named = { ...request, name: 'known', waiter: 'a waiter' };
    const first = await start(named);
    expect(first).toMatchObject({ outcome: 'started' });
    const executionArn = first.outcome === 'started' ? first.executionArn : '';
    await api.store.commit(executionArn, { state: { status: 'FAILED', stopMs: Date.now() } });
    expect(await start({ ...named, requestId: 'long after' })).toEqual(first);
    const other = await start({ ...named, requestId: 'of another', waiter: 'another' });
    expect(other).toMatchObject({ outcome: 'refused', code: 'ExecutionAlreadyExists' });
  });

  test('waits for no Express execution', async () => {
    const roleArn = 'arn:aws:iam::012345678901:role/r';
    await api.call('CreateStateMachine', { name: 'brief', definition: DEFINITION, roleArn, type: 'EXPRESS' });
    const brief = { ...request, stateMachineArn: MACHINE.replace('child', 'brief'), waiter: 'a waiter' };
    expect(await createStartExecution(api.deps)(brief)).toMatchObject({
      outcome: 'refused',
      code: 'StateMachineTypeNotSupported',
    });
  });

  test('waits for a store that is away: that is no failure of the task', async () => {
    let away = 2;
    api.store.before.set('start', async () => {
      away -= 1;
      if (away >= 0) throw new StoreUnavailable('Redis: connect ECONNREFUSED');
    });
    expect(await createStartExecution(api.deps)(request)).toMatchObject({ outcome: 'started' });
    expect(api.store.count('start')).toBe(3);
  });
});
