import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATIONS, type OperationName } from '../../../api/operations/index.ts';
import { ROLES, type Role } from '../../../schemas/access-key.ts';
import { createKey, signedCall, type TestKey, told } from '../support/access.ts';
import { type RunningApi, runApi } from '../support/running-api.ts';

/** What every role may do. */

const EMAIL = 'arn:aws:states:us-east-1:000000000000:activity:email-send';
const SMS = 'arn:aws:states:us-east-1:000000000000:activity:sms';

const look: readonly Role[] = ['admin', 'operator', 'reader'];
const run: readonly Role[] = ['admin', 'operator'];
const perform: readonly Role[] = ['admin', 'worker'];
const destroy: readonly Role[] = ['admin'];

const MAY: { readonly [N in OperationName]: readonly Role[] } = {
  CreateActivity: run,
  CreateStateMachine: run,
  CreateStateMachineAlias: run,
  DeleteActivity: destroy,
  DeleteStateMachine: destroy,
  DeleteStateMachineAlias: run,
  DeleteStateMachineVersion: run,
  DescribeActivity: look,
  DescribeExecution: look,
  DescribeMapRun: look,
  DescribeStateMachine: look,
  DescribeStateMachineAlias: look,
  DescribeStateMachineForExecution: look,
  GetActivityTask: perform,
  GetExecutionHistory: look,
  ListActivities: look,
  ListExecutions: look,
  ListMapRuns: look,
  ListStateMachineAliases: look,
  ListStateMachines: look,
  ListStateMachineVersions: look,
  ListTagsForResource: look,
  PublishStateMachineVersion: run,
  RedriveExecution: run,
  SendTaskFailure: perform,
  SendTaskHeartbeat: perform,
  SendTaskSuccess: perform,
  StartExecution: run,
  StartSyncExecution: run,
  StopExecution: run,
  TagResource: run,
  TestState: run,
  UntagResource: run,
  UpdateMapRun: run,
  UpdateStateMachine: run,
  UpdateStateMachineAlias: run,
  ValidateStateMachineDefinition: look,
};

let api: RunningApi;
let keys: Record<Role, TestKey>;

beforeAll(async () => {
  api = await runApi({ pollMs: 1 });
  keys = {
    admin: await createKey(api, { role: 'admin' }),
    operator: await createKey(api, { role: 'operator', name: 'olga' }),
    worker: await createKey(api, { role: 'worker', activities: ['arn:aws:states:*:*:activity:email-*'] }),
    reader: await createKey(api, { role: 'reader' }),
  };
});
afterAll(() => api.close());

describe.each(OPERATIONS.map(({ name }) => name))('%s', (operation) => {
  test.each(ROLES)('by a key of the role %s', async (role) => {
    const answer = await signedCall(api, keys[role], operation, { activityArn: EMAIL });
    const isDenied = answer.body['__type'] === 'AccessDeniedException';
    expect(isDenied).toBe(!MAY[operation].includes(role));
  });
});

describe('a refusal', () => {
  test('is told in the words of AWS', async () => {
    const answer = await signedCall(api, keys.operator, 'DeleteActivity', { activityArn: EMAIL });
    expect(answer.status).toBe(400);
    expect(told(answer)).toBe(
      `AccessDeniedException: User: arn:aws:iam::000000000000:user/olga is not authorized to perform: states:DeleteActivity on resource: ${EMAIL} because no identity-based policy allows the states:DeleteActivity action`,
    );
  });

  test('comes before anything is said of the input', async () => {
    expect(told(await signedCall(api, keys.reader, 'StopExecution', {}))).toContain('on resource: * because');
    expect(told(await signedCall(api, keys.reader, 'StopExecution', [1]))).toContain('on resource: * because');
    expect(told(await signedCall(api, keys.reader, 'StopExecution', { executionArn: { toString: 1 } }))).toContain(
      'on resource: *',
    );
  });
});

describe('a worker', () => {
  test('takes tasks of its activities', async () => {
    await signedCall(api, keys.operator, 'CreateActivity', { name: 'email-send' });
    expect(await signedCall(api, keys.worker, 'GetActivityTask', { activityArn: EMAIL })).toMatchObject({
      status: 200,
      body: {},
    });
  });

  test.each([[{ activityArn: SMS }], [{}], [{ activityArn: 7 }], [{ activityArn: EMAIL.toUpperCase() }]])(
    'takes no task of %j',
    async (input) => {
      expect(told(await signedCall(api, keys.worker, 'GetActivityTask', input))).toContain('AccessDeniedException');
    },
  );
});
