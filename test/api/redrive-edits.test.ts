import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../schemas/json.ts';
import { useSystem } from '../examples/support/system.ts';
import { rest } from './support/rest.ts';

/** Redrives with edits through the REST API of a whole system. */

const system = useSystem();
const roleArn = 'arn:aws:iam::012345678901:role/shop';
let activityArn = '';
let names = 0;

beforeAll(async () => {
  ({ activityArn = '' } = await system.client.send(new CreateActivityCommand({ name: 'work' })));
});

const step = (fields: JsonObject = {}): JsonObject => ({ Type: 'Task', Resource: activityArn, ...fields });

async function createMachine(States: Record<string, JsonObject>): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(States)[0], States });
  names += 1;
  const created = await system.client.send(
    new CreateStateMachineCommand({ name: `machine-${names}`, definition, roleArn, publish: true }),
  );
  return created.stateMachineArn ?? '';
}

async function start(stateMachineArn: string, input: unknown = {}): Promise<string> {
  const started = await system.client.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return started.executionArn ?? '';
}

const describeExecution = (executionArn: string) => system.client.send(new DescribeExecutionCommand({ executionArn }));

/** Waits until an execution has ended, and answers how. */
async function ended(executionArn: string, status: 'FAILED' | 'SUCCEEDED') {
  return vi.waitFor(async () => {
    const told = await describeExecution(executionArn);
    expect(told.status).toBe(status);
    return told;
  }, 10_000);
}

/** Does the next task: answers its input, or with an error. */
async function work(error?: string): Promise<unknown> {
  const { taskToken, input = '' } = await system.client.send(new GetActivityTaskCommand({ activityArn }));
  if (error === undefined) await system.client.send(new SendTaskSuccessCommand({ taskToken, output: input }));
  else await system.client.send(new SendTaskFailureCommand({ taskToken, error }));
  return JSON.parse(input);
}

const redrive = (executionArn: string, body: unknown, headers?: Record<string, string>) =>
  rest(system.endpoint, 'POST', `/executions/${encodeURIComponent(executionArn)}/redrive`, body, headers);

describe('an execution that failed', () => {
  test('succeeds with a patched input, which its history tells', async () => {
    const saga = {
      Reserve: step({ ResultPath: '$.reserved', Next: 'Pay' }),
      Pay: step({ ResultPath: '$.paid', Next: 'Done' }),
      Done: { Type: 'Succeed' },
    };
    const executionArn = await start(await createMachine(saga), { amount: '12 EUR', draft: true });
    await work();
    await work('BadAmount');
    await ended(executionArn, 'FAILED');
    const answer = await redrive(executionArn, { patch: { amount: 12, draft: null } });
    expect(answer).toMatchObject({ status: 200, body: { redriveDate: expect.stringMatching(/^\d{4}-.*Z$/) } });
    expect(await work()).toMatchObject({ amount: 12 });
    const told = await ended(executionArn, 'SUCCEEDED');
    expect(JSON.parse(told.output ?? '')).toMatchObject({ amount: 12, paid: { amount: 12 } });
    expect(JSON.parse(told.output ?? '')).not.toHaveProperty('draft');
    expect(told).toMatchObject({ redriveCount: 1, redriveDate: new Date(String(answer.body['redriveDate'])) });
    const { events = [] } = await system.client.send(new GetExecutionHistoryCommand({ executionArn }));
    const entered = events
      .filter(({ type }) => type === 'TaskStateEntered')
      .map((event) => event.stateEnteredEventDetails);
    expect(entered.map((details) => details?.name)).toEqual(['Reserve', 'Pay', 'Pay']);
    expect(JSON.parse(entered[2]?.input ?? '')).toMatchObject({ amount: 12 });
  });

  test('is not edited while an engine of an earlier version lives, which would go on without the edits', async () => {
    const executionArn = await start(await createMachine({ First: step({ End: true }) }));
    await work('Broken');
    await ended(executionArn, 'FAILED');
    const engines = 'stepyard:{registry}:engines';
    await system.redis.zadd(engines, Date.now() + 3_600_000, 'earlier');
    expect(await redrive(executionArn, { input: '1' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('An engine of an earlier version, which knows no edits, still runs') },
    });
    expect((await redrive(executionArn, {})).status).toBe(200);
    await work('Broken');
    await ended(executionArn, 'FAILED');
    await system.redis.zrem(engines, 'earlier');
    expect((await redrive(executionArn, { input: '1' })).status).toBe(200);
    expect(await work()).toBe(1);
  });

  test('goes on in the state that is chosen, with the input that is given', async () => {
    const executionArn = await start(
      await createMachine({
        First: step({ Next: 'Second' }),
        Second: step({ Next: 'Third' }),
        Third: step({ End: true }),
      }),
    );
    await work('Broken');
    await ended(executionArn, 'FAILED');
    expect((await redrive(executionArn, { state: 'Third', input: '{"skipped":true}' })).status).toBe(200);
    expect(await work()).toEqual({ skipped: true });
    expect((await ended(executionArn, 'SUCCEEDED')).output).toBe('{"skipped":true}');
  });

  test('goes on with the version that mends the definition', async () => {
    const stateMachineArn = await createMachine({
      Pay: { Type: 'Pass', Parameters: { 'n.$': '$.amuont' }, End: true },
    });
    const executionArn = await start(stateMachineArn, { amount: 3 });
    await ended(executionArn, 'FAILED');
    const mended = { StartAt: 'Pay', States: { Pay: { Type: 'Pass', Parameters: { 'n.$': '$.amount' }, End: true } } };
    const update = { stateMachineArn, definition: JSON.stringify(mended), publish: true };
    const { revisionId } = await system.client.send(new UpdateStateMachineCommand(update));
    expect((await redrive(executionArn, { version: 1 })).status).toBe(200);
    await ended(executionArn, 'FAILED');
    expect((await redrive(executionArn, { version: 2 })).status).toBe(200);
    expect((await ended(executionArn, 'SUCCEEDED')).output).toBe('{"n":3}');
    const runs = await system.client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(runs).toMatchObject({ definition: update.definition, revisionId });
  });

  test('goes on with the revision that starts get now', async () => {
    const stateMachineArn = await createMachine({ Pay: { Type: 'Fail', Error: 'No' } });
    const executionArn = await start(stateMachineArn);
    await ended(executionArn, 'FAILED');
    const definition = JSON.stringify({ StartAt: 'Pay', States: { Pay: { Type: 'Pass', End: true } } });
    await system.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    expect(await redrive(executionArn, { revisionId: 'current' })).toMatchObject({
      status: 409,
      body: {
        detail: expect.stringMatching(
          /cannot go on with revision \S+: it has halted in 'Pay', which was a Fail and is a Pass there\.$/,
        ),
      },
    });
    expect((await redrive(executionArn, { revisionId: 'current', state: 'Pay' })).status).toBe(200);
    await ended(executionArn, 'SUCCEEDED');
  });

  test('has one of several halted states mended', async () => {
    const each: JsonObject = {
      Type: 'Map',
      ItemProcessor: { StartAt: 'Work', States: { Work: step({ End: true }) } },
      MaxConcurrency: 1,
      End: true,
    };
    const both: JsonObject = {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Each', States: { Each: each } },
        { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 1, End: true } } },
      ],
      End: true,
    };
    const executionArn = await start(await createMachine({ Both: both }), ['a', 'b']);
    await work();
    await work('E');
    await ended(executionArn, 'FAILED');
    const refused = await redrive(executionArn, { input: '"c"' });
    expect(refused.body['detail']).toContain(
      "Halted are 'Both', 'Both[0]/Each', 'Both[0]/Each[1]/Work', 'Both[1]/Rest'.",
    );
    expect((await redrive(executionArn, { input: '"c"', at: 'Both[0]/Each[1]/Work' })).status).toBe(200);
    expect(await work()).toBe('c');
    expect(JSON.parse((await ended(executionArn, 'SUCCEEDED')).output ?? '')).toEqual([
      ['a', 'c'],
      ['a', 'b'],
    ]);
  });

  test('is redriven once for each client token, however it stands since', async () => {
    const executionArn = await start(await createMachine({ Pay: { Type: 'Fail' } }));
    await ended(executionArn, 'FAILED');
    const first = await redrive(executionArn, { state: 'Pay' }, { 'idempotency-key': 'one' });
    expect(first.status).toBe(200);
    await ended(executionArn, 'FAILED');
    expect(await redrive(executionArn, { state: 'Pay' }, { 'idempotency-key': 'one' })).toEqual(first);
    const byToken = { state: 'Pay', clientToken: 'two' };
    const second = await redrive(executionArn, byToken);
    await ended(executionArn, 'FAILED');
    expect(await redrive(executionArn, byToken)).toEqual(second);
    expect(await redrive(executionArn, byToken, { 'idempotency-key': 'three' })).toEqual(second);
    expect(await describeExecution(executionArn)).toMatchObject({ redriveCount: 2 });
  });

  test('tells what was edited', async () => {
    const executionArn = await start(await createMachine({ Pay: { Type: 'Fail' } }), 1);
    const told = async () =>
      (await rest(system.endpoint, 'GET', `/executions/${encodeURIComponent(executionArn)}`)).body;
    await ended(executionArn, 'FAILED');
    expect(await told()).not.toHaveProperty('redrives');
    const { redriveDate } = (await redrive(executionArn, { state: 'Pay', input: [1, 'text'] })).body;
    await ended(executionArn, 'FAILED');
    expect((await told())['redrives']).toEqual([{ redriveDate, state: 'Pay', inputChanged: true }]);
  });
});

describe('a redrive is refused', () => {
  let executionArn = '';
  let stateMachineArn = '';
  beforeAll(async () => {
    stateMachineArn = await createMachine({ Pay: { Type: 'Fail', Error: 'No' } });
    executionArn = await start(stateMachineArn, { n: 1 });
    await ended(executionArn, 'FAILED');
  });

  test.each<[status: number, problem: string, body: object, detail: string]>([
    [400, 'InvalidExecutionInput', { input: '{' }, 'Unexpected end-of-input'],
    [400, 'InvalidExecutionInput', { input: `"${'x'.repeat(262_144)}"` }, 'larger than 262144 bytes'],
    [400, 'InvalidExecutionInput', { patch: { x: 'x'.repeat(262_140) } }, 'larger than 262144 bytes'],
    [400, 'ValidationException', { input: '1', patch: 1 }, "'input' or 'patch', not both"],
    [400, 'ValidationException', { version: 1, revisionId: 'x' }, "'version' or 'revisionId', not both"],
    [400, 'ValidationException', { at: 'Pay' }, "With 'at' there must be 'input' or 'patch'"],
    [400, 'ValidationException', { sate: 'Pay' }, 'unknown member "sate"'],
    [400, 'ValidationException', { version: 0 }, 'must be >= 1'],
    [404, 'ResourceNotFound', { version: 9 }, 'version 9 of '],
    [404, 'ResourceNotFound', { revisionId: 'none' }, 'revision none of '],
    [409, 'ExecutionNotRedrivable', { state: 'Nowhere' }, "There is no state 'Nowhere' at the top level"],
    [409, 'ExecutionNotRedrivable', { input: '1', at: 'Both' }, "There is no halted state 'Both'. Halted are 'Pay'."],
  ])('with %i %s: %j', async (status, problem, body, detail) => {
    const answer = await redrive(executionArn, body);
    expect(answer).toMatchObject({
      status,
      type: expect.stringMatching(/^application\/problem\+json/),
      body: { type: `urn:stepyard:problem:${problem}` },
    });
    expect(answer.body['detail']).toContain(detail);
    expect(await describeExecution(executionArn)).toMatchObject({ status: 'FAILED', redriveCount: 0 });
  });

  test("for what is no execution, is not there, is another machine's revision, or has succeeded", async () => {
    expect(await redrive(stateMachineArn, {})).toMatchObject({ status: 400, body: { title: 'Invalid arn' } });
    expect(await redrive(`${executionArn}-not`, {})).toMatchObject({ status: 404 });
    const other = await createMachine({ Pay: { Type: 'Pass', End: true } });
    const { stateMachineArn: othersArn } = await describeExecution(await start(other));
    const definition = JSON.stringify({ StartAt: 'Pay', States: { Pay: { Type: 'Succeed' } } });
    const update = { stateMachineArn: othersArn, definition };
    const { revisionId } = await system.client.send(new UpdateStateMachineCommand(update));
    expect(await redrive(executionArn, { revisionId })).toMatchObject({ status: 404 });
    const succeeded = await start(other);
    await ended(succeeded, 'SUCCEEDED');
    expect(await redrive(succeeded, { state: 'Pay' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('Execution is SUCCEEDED and cannot be redriven') },
    });
    await system.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    expect((await redrive(executionArn, {})).body['detail']).toContain('State machine is in DELETING status');
  });
});
