import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExecutionId } from '../../../schemas/task.ts';
import { clientOf, createKey, signedCall, told } from '../support/access.ts';
import { type RunningApi, runApi } from '../support/running-api.ts';

const UNKNOWN = 'UnrecognizedClientException: The security token included in the request is invalid.';

describe('a server', () => {
  let other: RunningApi;
  beforeEach(async () => {
    other = await runApi();
  });
  afterEach(() => other.close());

  test('without keys lets everybody in, until there is one', async () => {
    expect(await other.call('ListActivities', {})).toMatchObject({ status: 200 });
    const key = await createKey(other);
    await expect
      .poll(async () => (await other.call('ListActivities', {})).body['__type'], { timeout: 10_000 })
      .toBe('MissingAuthenticationTokenException');
    expect(await signedCall(other, key, 'ListActivities', {})).toMatchObject({ status: 200 });
  });

  test('that is not open without keys lets nobody in', async () => {
    const closed = await runApi({ openTo: 'nobody' });
    expect(await closed.call('ListActivities', {})).toMatchObject({ status: 400 });
    await closed.close();
  });

  test('knows of a revocation within five seconds', async () => {
    const [first, second] = [await createKey(other), await createKey(other)];
    expect(await signedCall(other, first, 'ListActivities', {})).toMatchObject({ status: 200 });
    await other.deps.store.accessKeys.revoke(first.key.id);
    await expect
      .poll(async () => told(await signedCall(other, first, 'ListActivities', {})), { timeout: 5000 })
      .toBe(UNKNOWN);
    expect(await signedCall(other, second, 'ListActivities', {})).toMatchObject({ status: 200 });
  });

  test('gives a worker no task whose key was revoked while it waited', async () => {
    const patient = await runApi({ pollMs: 30_000 });
    const [admin, worker] = [await createKey(patient), await createKey(patient)];
    const { body: activity } = await signedCall(patient, admin, 'CreateActivity', { name: 'revoked' });
    const poll = signedCall(patient, worker, 'GetActivityTask', activity);
    await expect.poll(() => patient.store.calls.some(([name]) => name === 'activity')).toBe(true);
    await patient.deps.store.accessKeys.revoke(worker.key.id);
    await expect
      .poll(async () => told(await signedCall(patient, worker, 'ListActivities', {})), { timeout: 10_000 })
      .toBe(UNKNOWN);
    const id = { executionId: 'execution' as ExecutionId, visit: 1 };
    await patient.queue.add([{ id, resource: String(activity['activityArn']), input: '{}', taskToken: 'token' }]);
    expect(told(await poll)).toBe(UNKNOWN);
    await patient.close();
  });

  test('that cannot read the secret of a key says so, and tells its log', async () => {
    const sealed = await createKey(other);
    await other.deps.store.accessKeys.revoke(sealed.key.id);
    await other.deps.store.accessKeys.create({ ...sealed.key, sealedSecret: 'AAAA' });
    expect(told(await signedCall(other, sealed, 'ListActivities', {}))).toContain('its secret cannot be read here');
    expect(other.logged.map(({ message }) => message)).toContainEqual(expect.stringContaining('STEPYARD_SECRET_KEY'));
  });

  test('throttles a key that has a limit, and no other', async () => {
    const limited = await createKey(other, { rate: { perSecond: 0.001, burst: 2 } });
    const free = await createKey(other);
    const statuses: number[] = [];
    for (let time = 0; time < 3; time += 1)
      statuses.push((await signedCall(other, limited, 'ListActivities', {})).status);
    expect(statuses).toEqual([200, 200, 400]);
    const client = clientOf(other, limited);
    await expect(client.send(new StartExecutionCommand({ stateMachineArn: 'arn' }))).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    client.destroy();
    expect(await signedCall(other, free, 'ListActivities', {})).toMatchObject({ status: 200 });
    expect(other.store.count('spend')).toBe(4);
  });
});
