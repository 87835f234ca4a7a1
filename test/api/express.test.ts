import { request } from 'node:http';
import {
  CreateStateMachineCommand,
  type CreateStateMachineCommandInput,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  StateMachineTypeNotSupported,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskOutcome } from '../../schemas/task.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** Express machines, as the newest AWS SDK sees them. */

const SCOPE = 'arn:aws:states:us-east-1:000000000000';
const MACHINE = `${SCOPE}:stateMachine:quick`;
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const NOT_SUPPORTED = 'This operation is not supported by this type of state machine';

const definitionOf = (state: object): string => JSON.stringify({ StartAt: 'A', States: { A: state } });
const PASS = definitionOf({ Type: 'Pass', End: true });
const TASK = definitionOf({ Type: 'Task', Resource: FUNCTION, End: true });

/** Calls of the function that every task here is; each is answered when the test says so. */
let calls: { signal: AbortSignal; answer: (outcome: TaskOutcome) => void }[];
let called: PromiseWithResolvers<void>;
let api: RunningApi;
beforeEach(async () => {
  calls = [];
  called = Promise.withResolvers();
  api = await runApi({}, undefined, undefined, {
    maxExecutions: 2,
    perform: (_request, signal) => {
      const { promise, resolve } = Promise.withResolvers<TaskOutcome>();
      calls.push({ signal, answer: resolve });
      called.resolve();
      return promise;
    },
  });
});
afterEach(() => api.close());

const create = async (definition: string, rest: Partial<CreateStateMachineCommandInput> = {}) => {
  const roleArn = 'arn:aws:iam::012345678901:role/quick';
  const machine = { name: 'quick', definition, roleArn, type: 'EXPRESS', ...rest } as const;
  return (await api.client.send(new CreateStateMachineCommand(machine))).stateMachineArn;
};
const run = async (given: Partial<ConstructorParameters<typeof StartSyncExecutionCommand>[0]> = {}) => {
  const { $metadata: _, ...told } = await api.client.send(
    new StartSyncExecutionCommand({ stateMachineArn: MACHINE, ...given }),
  );
  return told;
};
const start = (given: Partial<ConstructorParameters<typeof StartExecutionCommand>[0]> = {}) =>
  api.client.send(new StartExecutionCommand({ stateMachineArn: MACHINE, ...given }));
const tryStart = () =>
  start().then(
    () => 'started',
    (error: Error) => error.name,
  );

describe('a machine of type EXPRESS', () => {
  test('is created, told and updated', async () => {
    expect(await create(PASS)).toBe(MACHINE);
    expect(await create(PASS)).toBe(MACHINE);
    const told = await api.client.send(new DescribeStateMachineCommand({ stateMachineArn: MACHINE }));
    expect(told).toMatchObject({ type: 'EXPRESS', status: 'ACTIVE' });
    const { stateMachines } = await api.client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([{ name: 'quick', type: 'EXPRESS' }]);
    await api.client.send(new UpdateStateMachineCommand({ stateMachineArn: MACHINE, definition: TASK }));
    const running = run();
    await called.promise;
    calls[0]?.answer({ type: 'succeeded', output: '"updated"' });
    expect(await running).toMatchObject({ output: '"updated"' });
  });

  test('is another one than that of type STANDARD', async () => {
    await create(PASS);
    await expect(create(PASS, { type: 'STANDARD' })).rejects.toBeInstanceOf(StateMachineAlreadyExists);
  });

  test.each([
    [`${SCOPE}:activity:pay`, {}, 'Express state machine does not support Activity ARN'],
    [
      'arn:aws:states:::lambda:invoke.waitForTaskToken',
      { Parameters: { FunctionName: 'f' } },
      "Express state machine does not support '.waitForTaskToken' service integration ",
    ],
    [
      'arn:aws:states:::states:startExecution.sync',
      { Parameters: { StateMachineArn: MACHINE } },
      "Express state machine does not support '.sync' service integration",
    ],
  ])('cannot have a task of %s', async (Resource, fields, complaint) => {
    const definition = definitionOf({ Type: 'Task', Resource, End: true, ...fields });
    const refused = create(definition);
    await expect(refused).rejects.toBeInstanceOf(InvalidDefinition);
    await expect(refused).rejects.toThrow(`SCHEMA_VALIDATION_FAILED: ${complaint} at /States/A/Resource`);
    await create(PASS);
    const update = new UpdateStateMachineCommand({ stateMachineArn: MACHINE, definition });
    await expect(api.client.send(update)).rejects.toBeInstanceOf(InvalidDefinition);
  });

  test('has no executions that could be asked for', async () => {
    await create(PASS);
    const { executionArn = '' } = await start();
    const wrong = "Invalid Arn: 'Resource type not valid in this context: express'";
    const { client } = api;
    for (const refused of [
      client.send(new DescribeExecutionCommand({ executionArn })),
      client.send(new DescribeStateMachineForExecutionCommand({ executionArn })),
      client.send(new GetExecutionHistoryCommand({ executionArn })),
      client.send(new StopExecutionCommand({ executionArn })),
    ]) {
      await expect(refused).rejects.toBeInstanceOf(InvalidArn);
      await expect(refused).rejects.toThrow(wrong);
    }
    const list = client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }));
    await expect(list).rejects.toBeInstanceOf(StateMachineTypeNotSupported);
    await expect(list).rejects.toThrow(NOT_SUPPORTED);
  });
});

describe('StartSyncExecution', () => {
  test('answers with the output', async () => {
    await create(PASS);
    const told = await run({ input: '{"a":1}', name: 'first', traceHeader: 'Root=1' });
    expect(told).toEqual({
      executionArn: expect.stringMatching(`^${SCOPE}:express:quick:first:${UUID}$`),
      stateMachineArn: MACHINE,
      name: 'first',
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
      status: 'SUCCEEDED',
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"a":1}',
      outputDetails: { included: true },
      traceHeader: 'Root=1',
      billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: expect.any(Number) },
    });
    expect((told.billingDetails?.billedDurationInMilliseconds ?? 0) % 100).toBe(0);
    expect(told.billingDetails?.billedDurationInMilliseconds).toBeGreaterThan(0);
  });

  test('answers with the error of a run that failed', async () => {
    await create(definitionOf({ Type: 'Fail', Error: 'Broken', Cause: 'why' }));
    const { $metadata } = await api.client.send(new StartSyncExecutionCommand({ stateMachineArn: MACHINE }));
    expect($metadata.httpStatusCode).toBe(200);
    const told = await run();
    expect(told).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'why', outputDetails: { included: true } });
    expect(told).not.toHaveProperty('output');
    expect(told.name).toMatch(new RegExp(`^${UUID}$`));
  });

  test('answers with a time-out', async () => {
    await create(
      JSON.stringify({ StartAt: 'A', TimeoutSeconds: 1, States: { A: { Type: 'Wait', Seconds: 9, End: true } } }),
    );
    expect(await run()).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
  });

  test('keeps input and output back when asked for metadata only', async () => {
    await create(PASS);
    const told = await run({ includedData: 'METADATA_ONLY' });
    expect(told).toMatchObject({ inputDetails: { included: false }, outputDetails: { included: false } });
    expect(told).not.toHaveProperty('input');
    expect(told).not.toHaveProperty('output');
  });

  test('refuses machines of type STANDARD', async () => {
    await create(PASS, { type: 'STANDARD' });
    await expect(run()).rejects.toBeInstanceOf(StateMachineTypeNotSupported);
    await expect(run()).rejects.toThrow(NOT_SUPPORTED);
  });

  test('checks what it is given', async () => {
    await create(PASS);
    await expect(run({ stateMachineArn: `${MACHINE}-not` })).rejects.toBeInstanceOf(StateMachineDoesNotExist);
    await expect(run({ name: 'a b' })).rejects.toBeInstanceOf(InvalidName);
    await expect(run({ input: '{' })).rejects.toBeInstanceOf(InvalidExecutionInput);
  });

  test('lets the run go on when the client hangs up', async () => {
    await create(TASK);
    const body = JSON.stringify({ stateMachineArn: MACHINE });
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartSyncExecution',
    };
    const outgoing = request({ port: api.port, host: '127.0.0.1', method: 'POST', headers, agent: false });
    outgoing.end(body);
    await called.promise;
    const failed = new Promise((resolve) => outgoing.on('error', resolve));
    outgoing.destroy();
    await failed;
    // There is room for two: the abandoned one counts until its task is done.
    await start();
    await expect(start()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(calls[0]?.signal.aborted).toBe(false);
    calls[0]?.answer({ type: 'succeeded', output: '1' });
    await expect.poll(tryStart).toBe('started');
    expect(api.logged).toEqual([]);
  });
});

describe('a server that closes', () => {
  test('answers those who wait for a run, and keeps none of their connections', async () => {
    await create(TASK);
    const running = run();
    await called.promise;
    const closed = api.app.close();
    calls[0]?.answer({ type: 'succeeded', output: '1' });
    expect(await running).toMatchObject({ status: 'SUCCEEDED' });
    await closed;
  });
});

describe('StartExecution of an Express machine', () => {
  test('answers before the run has ended, the same name again with another run', async () => {
    await create(TASK);
    const [first, second] = [await start({ name: 'same' }), await start({ name: 'same' })];
    expect(first.startDate).toBeInstanceOf(Date);
    expect(first.executionArn).toMatch(new RegExp(`^${SCOPE}:express:quick:same:${UUID}$`));
    expect(second.executionArn).not.toBe(first.executionArn);
    await expect.poll(() => calls.length).toBe(2);
  });

  test('writes nothing to the store', async () => {
    await create(PASS);
    await start();
    await run();
    // The list is that of access keys.
    const reads = ['list', 'machine', 'revision'];
    expect(new Set(api.store.calls.map(([name]) => name))).toEqual(new Set(['createMachine', ...reads]));
  });

  test('tells of its events in the log as the machine asks', async () => {
    const logGroupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:quick:*';
    const destinations = [{ cloudWatchLogsLogGroup: { logGroupArn } }];
    await create(PASS, { loggingConfiguration: { level: 'ALL', includeExecutionData: true, destinations } });
    const { executionArn } = await run({ input: '{"a":1}' });
    expect(api.logged.map(({ fields }) => fields)).toMatchObject([
      { type: 'ExecutionStarted', execution_arn: executionArn, details: { input: '{"a":1}' } },
      { type: 'PassStateEntered', details: { name: 'A' } },
      { type: 'PassStateExited' },
      { type: 'ExecutionSucceeded', details: { output: '{"a":1}' } },
    ]);
  });
});
