import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { useSystem } from '../examples/support/system.ts';
import { rest } from './support/rest.ts';

/** Redrives of many executions through the REST API of a whole system. */

const system = useSystem();
const roleArn = 'arn:aws:iam::012345678901:role/shop';
/** Adds one to an amount; an order without one stops before, in a state of its own. */
const ORDERS = {
  StartAt: 'Check',
  States: {
    Check: {
      Type: 'Choice',
      Choices: [{ Variable: '$.amount', IsPresent: true, Next: 'Charge' }],
      Default: 'Incomplete',
    },
    Charge: { Type: 'Pass', Parameters: { 'total.$': 'States.MathAdd($.amount, 1)' }, End: true },
    Incomplete: { Type: 'Fail', Error: 'Incomplete' },
  },
};

let names = 0;

/** A machine with executions of these inputs, all of which have failed. */
async function failedOrders(inputs: readonly object[]): Promise<string> {
  names += 1;
  const { stateMachineArn = '' } = await system.client.send(
    new CreateStateMachineCommand({ name: `orders-${names}`, definition: JSON.stringify(ORDERS), roleArn }),
  );
  for (const [index, input] of inputs.entries()) {
    const start = { stateMachineArn, name: `${index < 5 ? 'early' : 'late'}-${index}`, input: JSON.stringify(input) };
    await system.client.send(new StartExecutionCommand(start));
  }
  await untilThereAre(stateMachineArn, 'FAILED', inputs.length);
  return stateMachineArn;
}

const untilThereAre = (stateMachineArn: string, statusFilter: 'FAILED' | 'SUCCEEDED', count: number) =>
  vi.waitFor(async () => {
    const page = { stateMachineArn, statusFilter, maxResults: 1000 };
    const { executions = [] } = await system.client.send(new ListExecutionsCommand(page));
    expect(executions).toHaveLength(count);
  }, 20_000);

const ask = (body: unknown, headers?: Record<string, string>) =>
  rest(system.endpoint, 'POST', '/redrives', body, headers);

const untilCompleted = (redriveId: unknown) =>
  vi.waitFor(async () => {
    const { body } = await rest(system.endpoint, 'GET', `/redrives/${redriveId}`);
    expect(body['status']).toBe('COMPLETED');
    return body;
  }, 20_000);

const bad = (count: number) => Array.from({ length: count }, () => ({ amount: 'twelve' }));

describe('all executions that match', () => {
  test('are found by so many attributes at most', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, 'x']));
    const stateMachineArn = await failedOrders([]);
    for (const wrong of [{ attributes }, { attributes: { 'no name': 'x' } }, { error: 'x'.repeat(257) }]) {
      expect((await ask({ filter: { stateMachineArn, ...wrong }, dryRun: true })).status).toBe(400);
    }
  });

  test('are told first, and redriven then, with a patch of the input of each', async () => {
    const stateMachineArn = await failedOrders([...bad(30), {}, {}]);
    const filter = { stateMachineArn, status: 'FAILED', error: 'States.Runtime' };
    const dry = await ask({ filter, dryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { matching: 30 } });
    expect(dry.body['executions']).toHaveLength(20);
    const edits = { patch: { amount: 12 } };
    const begun = await ask({ filter, edits });
    expect(begun).toMatchObject({ status: 202, body: { filter, edits, limit: 1000 } });
    const done = await untilCompleted(begun.body['redriveId']);
    expect(done).toMatchObject({ found: 30, redriven: 30, refused: 0, refusals: [] });
    await untilThereAre(stateMachineArn, 'SUCCEEDED', 30);
    await untilThereAre(stateMachineArn, 'FAILED', 2);
  });

  test('but those that it does not fit go on with another version', async () => {
    const stateMachineArn = await failedOrders([{ amount: '1' }, {}, {}]);
    const { Incomplete: _gone, ...others } = ORDERS.States;
    const Check = { ...others.Check, Default: 'Charge' };
    const Charge = { Type: 'Pass', Result: 'charged', End: true };
    const definition = JSON.stringify({ StartAt: 'Check', States: { ...others, Check, Charge } });
    await system.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    await system.client.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
    const begun = await ask({ filter: { stateMachineArn }, edits: { version: 1 } });
    const done = await untilCompleted(begun.body['redriveId']);
    expect(done).toMatchObject({ found: 3, redriven: 1, refused: 2 });
    const reason = expect.stringContaining(
      "The execution cannot go on with version 1: it has halted in 'Incomplete', and there is no such state.",
    );
    expect(done['refusals']).toEqual([
      { executionArn: expect.stringContaining(':early-2'), reason },
      { executionArn: expect.stringContaining(':early-1'), reason },
    ]);
    await untilThereAre(stateMachineArn, 'SUCCEEDED', 1);
  });

  test('are those of a name, of a time, and as many as are wanted', async () => {
    const stateMachineArn = await failedOrders(bad(8));
    const matching = async (filter: object, limit?: number) =>
      (await ask({ filter: { stateMachineArn, ...filter }, dryRun: true, ...(limit !== undefined && { limit }) })).body[
        'matching'
      ];
    expect(await matching({})).toBe(8);
    expect(await matching({ status: 'ABORTED' })).toBe(0);
    expect(await matching({ namePrefix: 'early' })).toBe(5);
    expect(await matching({}, 3)).toBe(3);
    const executionArn = stateMachineArn.replace('stateMachine', 'execution');
    const told = await system.client.send(new DescribeExecutionCommand({ executionArn: `${executionArn}:late-5` }));
    const instant = told.startDate?.toISOString();
    expect(await matching({ startedAfter: instant })).toBe(3);
    expect(await matching({ startedBefore: instant })).toBe(5);
  });

  test('are redriven once for each client token, and by one at a time', async () => {
    const stateMachineArn = await failedOrders(bad(3));
    const asked = { filter: { stateMachineArn }, clientToken: 'once' };
    const [first, again] = await Promise.all([ask(asked), ask(asked)]);
    expect(again?.body['redriveId']).toBe(first?.body['redriveId']);
    const done = await untilCompleted(first?.body['redriveId']);
    expect(await ask(asked, { 'idempotency-key': 'other' })).toMatchObject({ status: 202, body: done });
  });
});

describe('a redrive of many executions is refused', () => {
  let stateMachineArn = '';
  beforeAll(async () => {
    stateMachineArn = await failedOrders([]);
  });

  test.each<[status: number, problem: string, body: (filter: object) => unknown, detail: string]>([
    [400, 'ValidationException', () => ({}), "must have required property 'filter'"],
    [400, 'ValidationException', (filter) => ({ filter: { ...filter, sattus: 'FAILED' } }), 'unknown member "sattus"'],
    [400, 'ValidationException', (filter) => ({ filter: { ...filter, status: 'RUNNING' } }), 'status must be one of'],
    [400, 'ValidationException', (filter) => ({ filter: { ...filter, startedAfter: 'today' } }), 'must match format'],
    [
      400,
      'ValidationException',
      (filter) => ({ filter: { ...filter, startedAfter: '2026-19-39T00:00:00Z' } }),
      'must match format',
    ],
    [400, 'ValidationException', (filter) => ({ filter, limit: 0 }), 'limit must be >= 1'],
    [400, 'ValidationException', (filter) => ({ filter, edits: { sate: 'x' } }), 'unknown member "sate"'],
    [400, 'ValidationException', (filter) => ({ filter, edits: { input: '1', patch: 1 } }), 'not both'],
    [400, 'InvalidExecutionInput', (filter) => ({ filter, edits: { input: '{' } }), 'Unexpected end-of-input'],
    [404, 'ResourceNotFound', (filter) => ({ filter, edits: { version: 7 } }), 'version 7 of'],
    [
      404,
      'StateMachineDoesNotExist',
      () => ({ filter: { stateMachineArn: `${stateMachineArn}-not` } }),
      'Does Not Exist',
    ],
    [400, 'InvalidArn', () => ({ filter: { stateMachineArn: 'orders' } }), 'Invalid Arn'],
  ])('with %i %s (%#)', async (status, problem, body, detail) => {
    const answer = await ask(body({ stateMachineArn }));
    expect(answer).toMatchObject({ status, body: { type: `urn:stepyard:problem:${problem}` } });
    expect(answer.body['detail']).toContain(detail);
  });

  test('while another one of the machine is under way', async () => {
    const busy = await failedOrders(bad(120));
    const begun = await ask({ filter: { stateMachineArn: busy } });
    const other = await ask({ filter: { stateMachineArn: busy } });
    expect(other).toMatchObject({ status: 409, body: { type: 'urn:stepyard:problem:ConflictException' } });
    expect(other.body['detail']).toContain(begun.body['redriveId']);
    await untilCompleted(begun.body['redriveId']);
    expect((await ask({ filter: { stateMachineArn: busy } })).status).toBe(202);
  });

  test.each(['GET', 'DELETE'] as const)('%s of none is a 404', async (method) => {
    expect(await rest(system.endpoint, method, '/redrives/none')).toMatchObject({ status: 404 });
  });
});
