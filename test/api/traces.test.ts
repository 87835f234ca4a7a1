import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '../../api/server.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** Spans that requests and answers name (W3C Trace Context). */

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';

let api: RunningApi;
beforeEach(async () => {
  api = await runApi();
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: ACTIVITY, End: true } } });
  await api.call('CreateActivity', { name: 'pay' });
  await api.call('CreateStateMachine', { name: 'm', definition, roleArn: 'arn:aws:iam::000000000000:role/r' });
});
afterEach(() => api.close());

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
const call = (operation: string, body: object, headers: Record<string, string>) =>
  api.post(`AWSStepFunctions.${operation}`, JSON.stringify(body), headers);

const recordOf = async (executionArn: unknown) => api.store.executions.describe(String(executionArn));

describe('an execution', () => {
  test('is kept with the span that started it, which DescribeExecution does not tell', async () => {
    const { body } = await call('StartExecution', { stateMachineArn }, { traceparent: TRACEPARENT });
    expect((await recordOf(body['executionArn']))?.traceparent).toBe(TRACEPARENT);
    const described = await api.call('DescribeExecution', { executionArn: body['executionArn'] });
    expect(described.text).not.toContain('0af7651916cd43dd8448eb211c80319c');
  });

  test.each(['nonsense', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'])(
    'is kept without what is no span: %s',
    async (traceparent) => {
      const { body } = await call('StartExecution', { stateMachineArn }, { traceparent });
      expect(await recordOf(body['executionArn'])).not.toHaveProperty('traceparent');
    },
  );
});

test('a result is kept with the span in which the worker came to it', async () => {
  const taskToken = `${'A'.repeat(22)}.1.11111111-2222-4333-8444-555555555555`;
  await call('SendTaskSuccess', { taskToken, output: '{}' }, { traceparent: TRACEPARENT });
  await call('SendTaskFailure', { taskToken, error: 'E' }, { traceparent: TRACEPARENT });
  await call('SendTaskSuccess', { taskToken, output: '{}' }, {});
  const results = api.store.calls.filter(([name]) => name === 'settleTask').map(([, , result]) => result);
  expect(results).toEqual([
    { type: 'succeeded', output: '{}', traceparent: TRACEPARENT },
    { type: 'failed', error: 'E', traceparent: TRACEPARENT },
    { type: 'succeeded', output: '{}' },
  ]);
});

describe('a task that is handed out', () => {
  test.each([
    ['names its span', TRACEPARENT],
    ['names none without traces', undefined],
  ])('%s in a header', async (_what, traceparent) => {
    const traced = createApi({ ...api.deps, traceparentOf: () => traceparent });
    const started = await api.call('StartExecution', { stateMachineArn, name: 'one' });
    const executionArn = String(started.body['executionArn']);
    const record = await recordOf(executionArn);
    const executionId = record?.executionId ?? '';
    const task = {
      resource: ACTIVITY,
      input: '{}',
      taskToken: `${executionId}.1.11111111-2222-4333-8444-555555555555`,
    };
    await api.store.commit(executionArn, { effects: [{ type: 'DispatchTask', visit: 1, task }] });
    if (record) await api.queue.add([{ id: { executionId: record.executionId, visit: 1 }, ...task }]);
    const answer = await traced.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.GetActivityTask' },
      payload: JSON.stringify({ activityArn: ACTIVITY }),
    });
    expect(answer.json()).toMatchObject({ taskToken: task.taskToken });
    expect(answer.headers['traceparent']).toBe(traceparent);
    await traced.close();
  });
});
