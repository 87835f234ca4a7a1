import { expect } from 'vitest';
import type { OperationName } from '../../api/operations/index.ts';
import { until } from '../faults/support/until.ts';

/** The same way through all operations for every client: as its users would go it, from the first machine to the last delete. */

/** What a client answers, with its own idea of a date. */
export type Answer = Readonly<Record<string, unknown>>;
export type Call = (operation: OperationName, input: Readonly<Record<string, unknown>>) => Promise<Answer>;

const ROLE = 'arn:aws:iam::000000000000:role/tour';

/** An approval, then each parcel of an order in an execution of its own. */
const orderOf = (approve: string, pack: string, comment: string): string =>
  JSON.stringify({
    Comment: comment,
    StartAt: 'Approve',
    States: {
      Approve: { Type: 'Task', Resource: approve, HeartbeatSeconds: 60, ResultPath: '$.approval', Next: 'Parcels' },
      Parcels: {
        Type: 'Map',
        ItemsPath: '$.parcels',
        Label: 'Parcels',
        MaxConcurrency: 1,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Pack',
          States: { Pack: { Type: 'Task', Resource: pack, End: true } },
        },
        End: true,
      },
    },
  });

const PRICE = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Price',
  States: { Price: { Type: 'Pass', Output: { total: '{% $states.input.amount * 2 %}' }, End: true } },
});

/** Goes through every operation. The names of what it makes begin with `name`; all of it is gone at the end. */
export async function takeTour(call: Call, name: string): Promise<void> {
  const approve = await makeActivity(call, `${name}-approve`);
  const pack = await makeActivity(call, `${name}-pack`);
  const machine = await makeMachine(call, `${name}-order`, approve, pack);
  const alias = await publishTwice(call, machine, approve, pack);
  await runOrder(call, alias, approve, pack);
  await stopOne(call, machine);
  await runAtOnce(call, `${name}-price`);
  await testOne(call);
  await clearUp(call, machine, alias, [approve, pack]);
}

async function makeActivity(call: Call, name: string): Promise<string> {
  const tags = [{ key: 'team', value: 'parcels' }];
  const { activityArn } = (await call('CreateActivity', { name, tags })) as { activityArn: string };
  expect(await call('DescribeActivity', { activityArn })).toMatchObject({ activityArn, name });
  const listed = await call('ListActivities', { maxResults: 1000 });
  expect(listed['activities']).toContainEqual(expect.objectContaining({ activityArn, name }));
  await call('TagResource', { resourceArn: activityArn, tags: [{ key: 'cost', value: '7' }] });
  await call('UntagResource', { resourceArn: activityArn, tagKeys: ['team'] });
  const left = await call('ListTagsForResource', { resourceArn: activityArn });
  expect(left['tags']).toEqual([{ key: 'cost', value: '7' }]);
  return activityArn;
}

async function makeMachine(call: Call, name: string, approve: string, pack: string): Promise<string> {
  const definition = orderOf(approve, pack, 'first');
  const checked = await call('ValidateStateMachineDefinition', { definition, type: 'STANDARD' });
  expect(checked).toMatchObject({ result: 'OK', diagnostics: [] });
  const made = await call('CreateStateMachine', {
    name,
    definition,
    roleArn: ROLE,
    publish: true,
    versionDescription: 'one',
  });
  const { stateMachineArn } = made as { stateMachineArn: string };
  expect(made['stateMachineVersionArn']).toBe(`${stateMachineArn}:1`);
  const told = await call('DescribeStateMachine', { stateMachineArn });
  expect(told).toMatchObject({ name, definition, status: 'ACTIVE', type: 'STANDARD', roleArn: ROLE });
  const listed = await call('ListStateMachines', { maxResults: 1000 });
  expect(listed['stateMachines']).toContainEqual(expect.objectContaining({ stateMachineArn, name, type: 'STANDARD' }));
  return stateMachineArn;
}

async function publishTwice(call: Call, machine: string, approve: string, pack: string): Promise<string> {
  const definition = orderOf(approve, pack, 'second');
  const { revisionId } = await call('UpdateStateMachine', { stateMachineArn: machine, definition });
  const second = await call('PublishStateMachineVersion', { stateMachineArn: machine, revisionId, description: 'two' });
  expect(second['stateMachineVersionArn']).toBe(`${machine}:2`);
  const versions = await call('ListStateMachineVersions', { stateMachineArn: machine });
  expect(versions['stateMachineVersions']).toMatchObject([
    { stateMachineVersionArn: `${machine}:2` },
    { stateMachineVersionArn: `${machine}:1` },
  ]);
  const half = [1, 2].map((version) => ({ stateMachineVersionArn: `${machine}:${version}`, weight: 50 }));
  const made = await call('CreateStateMachineAlias', { name: 'live', routingConfiguration: half });
  const { stateMachineAliasArn } = made as { stateMachineAliasArn: string };
  expect(stateMachineAliasArn).toBe(`${machine}:live`);
  const routingConfiguration = [{ stateMachineVersionArn: `${machine}:2`, weight: 100 }];
  await call('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration });
  const told = await call('DescribeStateMachineAlias', { stateMachineAliasArn });
  expect(told).toMatchObject({ name: 'live', routingConfiguration });
  const aliases = await call('ListStateMachineAliases', { stateMachineArn: machine });
  expect(aliases['stateMachineAliases']).toMatchObject([{ stateMachineAliasArn }]);
  return stateMachineAliasArn;
}

/** A parcel breaks, the order fails with it, and is redriven from there. */
async function runOrder(call: Call, alias: string, approve: string, pack: string): Promise<void> {
  const order = { parcels: [{ id: 1 }, { id: 2 }] };
  const started = await call('StartExecution', {
    stateMachineArn: alias,
    name: 'order-1',
    input: JSON.stringify(order),
  });
  const { executionArn } = started as { executionArn: string };
  const approval = await takeTask(call, approve);
  await call('SendTaskHeartbeat', { taskToken: approval });
  await call('SendTaskSuccess', { taskToken: approval, output: '"yes"' });

  await call('SendTaskSuccess', { taskToken: await takeTask(call, pack), output: '"packed"' });
  const broken = await takeTask(call, pack);
  const mapRunArn = await runningMapRun(call, executionArn);
  await call('UpdateMapRun', { mapRunArn, maxConcurrency: 5 });
  await until('the new limit', async () => (await call('DescribeMapRun', { mapRunArn }))['maxConcurrency'] === 5);
  await call('SendTaskFailure', { taskToken: broken, error: 'Broken', cause: 'The parcel fell' });
  expect(await endOf(call, executionArn)).toMatchObject({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
    stateMachineAliasArn: alias,
    redriveStatus: 'REDRIVABLE',
  });

  await call('RedriveExecution', { executionArn });
  await call('SendTaskSuccess', { taskToken: await takeTask(call, pack), output: '"repaired"' });
  const end = await endOf(call, executionArn);
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '["packed","repaired"]', redriveCount: 1 });
  expect(await typesOf(call, executionArn)).toEqual([
    ...['ExecutionStarted', 'TaskStateEntered', 'ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
    ...['TaskStateExited', 'MapStateEntered', 'MapStateStarted', 'MapRunStarted', 'MapRunFailed', 'MapStateFailed'],
    ...['ExecutionFailed', 'ExecutionRedriven', 'MapRunRedriven', 'MapRunSucceeded', 'MapStateSucceeded'],
    ...['MapStateExited', 'ExecutionSucceeded'],
  ]);
  const ran = await call('DescribeStateMachineForExecution', { executionArn });
  expect(ran['definition']).toBe(orderOf(approve, pack, 'second'));
  const listed = await call('ListExecutions', { stateMachineArn: alias, statusFilter: 'SUCCEEDED' });
  expect(listed['executions']).toMatchObject([{ executionArn, name: 'order-1', redriveCount: 1 }]);
}

async function takeTask(call: Call, activityArn: string): Promise<string> {
  const { taskToken } = await call('GetActivityTask', { activityArn, workerName: 'tour' });
  expect(taskToken).toEqual(expect.stringMatching(/./));
  return String(taskToken);
}

async function runningMapRun(call: Call, executionArn: string): Promise<string> {
  const { mapRuns } = (await call('ListMapRuns', { executionArn })) as { mapRuns: { mapRunArn: string }[] };
  expect(mapRuns).toHaveLength(1);
  return mapRuns[0]?.mapRunArn ?? '';
}

async function endOf(call: Call, executionArn: string): Promise<Answer> {
  let told: Answer = {};
  await until(`the end of ${executionArn}`, async () => {
    told = await call('DescribeExecution', { executionArn });
    return told['status'] !== 'RUNNING';
  });
  return told;
}

/** Read in pages of five. */
async function typesOf(call: Call, executionArn: string): Promise<unknown[]> {
  const types: unknown[] = [];
  for (let token: unknown; ; ) {
    const page = await call('GetExecutionHistory', {
      executionArn,
      maxResults: 5,
      ...(token ? { nextToken: token } : {}),
    });
    types.push(...(page['events'] as { type: string }[]).map(({ type }) => type));
    token = page['nextToken'];
    if (!token) return types;
  }
}

async function stopOne(call: Call, machine: string): Promise<void> {
  const { executionArn } = await call('StartExecution', { stateMachineArn: machine, input: '{"parcels":[]}' });
  await call('StopExecution', { executionArn, error: 'Regret', cause: 'Changed my mind' });
  const end = await endOf(call, String(executionArn));
  expect(end).toMatchObject({ status: 'ABORTED', error: 'Regret', cause: 'Changed my mind' });
}

async function runAtOnce(call: Call, name: string): Promise<void> {
  const made = await call('CreateStateMachine', { name, definition: PRICE, roleArn: ROLE, type: 'EXPRESS' });
  const { stateMachineArn } = made;
  const ran = await call('StartSyncExecution', { stateMachineArn, input: '{"amount":21}' });
  expect(ran).toMatchObject({ status: 'SUCCEEDED', output: '{"total":42}' });
  await call('DeleteStateMachine', { stateMachineArn });
}

async function testOne(call: Call): Promise<void> {
  const definition =
    '{"Type":"Choice","Choices":[{"Variable":"$.paid","BooleanEquals":true,"Next":"Ship"}],"Default":"Ask"}';
  const tested = await call('TestState', {
    definition,
    roleArn: ROLE,
    input: '{"paid":true}',
    inspectionLevel: 'INFO',
  });
  expect(tested).toMatchObject({ status: 'SUCCEEDED', nextState: 'Ship' });
}

async function clearUp(call: Call, machine: string, alias: string, activities: readonly string[]): Promise<void> {
  await call('DeleteStateMachineAlias', { stateMachineAliasArn: alias });
  await call('DeleteStateMachineVersion', { stateMachineVersionArn: `${machine}:1` });
  await call('DeleteStateMachine', { stateMachineArn: machine });
  for (const activityArn of activities) await call('DeleteActivity', { activityArn });
}
