import { Redis } from 'ioredis';
import { beforeAll, expect, test } from 'vitest';
import {
  eventually,
  executionArn,
  type Followed,
  machineArn,
  PASSES,
  type Rest,
  useSystem,
  waitsFor,
} from './support.ts';

/** followAll: what a dashboard shows, as it changes. */

const system = useSystem();
let rest: Rest;
beforeAll(async () => {
  rest = system.rest;
  await rest.create('passes', PASSES);
  await rest.create('works', waitsFor('work'));
});

let warmed = 0;
/** Opens it, and waits until it hears: what happens in its first moments is told as a reason to read again. */
async function follow(query = ''): Promise<Followed> {
  const stream = await rest.follow(`/live${query}`);
  await stream.until('counts');
  const other = await rest.follow('/live');
  await eventually(async () => {
    warmed += 1;
    await rest.ended(await rest.start('passes', `warm-${warmed}`));
    return other.names();
  }).toContain('executions');
  other.cut();
  return stream;
}

test('tells counts at first, then which executions began and ended', async () => {
  const stream = await follow();
  const arn = await rest.start('works', 'shown');
  const told = () =>
    stream.events.flatMap(({ event, data }) =>
      event === 'executions'
        ? (data as { executions: { name: string }[] }).executions.filter(({ name }) => name === 'shown')
        : [],
    );
  const change = { executionArn: arn, stateMachineArn: machineArn('works'), name: 'shown' };
  await eventually(told).toHaveLength(1);
  expect(told()).toEqual([{ ...change, status: 'RUNNING', historyEventCount: 3 }]);
  await rest.send('POST', `/executions/${encodeURIComponent(arn)}/stop`);
  await eventually(told).toHaveLength(2);
  expect(told()[1]).toEqual({ ...change, status: 'ABORTED', historyEventCount: 4 });
  const counts = () => stream.events.findLast(({ event }) => event === 'counts')?.data;
  await eventually(counts).toMatchObject({ statuses: { RUNNING: 0, ABORTED: 1 } });
  stream.cut();
});

test('tells of one machine when asked for one, with its states', async () => {
  const stream = await follow(`?stateMachineArn=${machineArn('works')}`);
  await rest.ended(await rest.start('passes', 'other'));
  const arn = await rest.start('works', 'own');
  await stream.until('executions');
  const told = stream.events
    .filter(({ event }) => event === 'executions')
    .flatMap(({ data }) => (data as { executions: { executionArn: string }[] }).executions);
  expect(new Set(told.map(({ executionArn: one }) => one))).toEqual(new Set([arn]));
  const counts = () => stream.events.findLast(({ event }) => event === 'counts')?.data;
  await eventually(counts).toMatchObject({ statuses: { RUNNING: 1 }, states: [{ state: 'Work', executions: 1 }] });
  stream.cut();
  expect(told[0]?.executionArn).toBe(executionArn('works', 'own'));
});

test('says to read again when changes may have been missed', async () => {
  const stream = await follow();
  const reloads = () => stream.names().filter((name) => name === 'reload').length;
  const before = reloads();
  const redis = new Redis(system.redisUrl);
  await redis.client('KILL', 'TYPE', 'pubsub');
  redis.disconnect();
  await eventually(reloads).toBe(before + 1);
  await rest.ended(await rest.start('passes', 'after'));
  await eventually(() => stream.names().at(-1)).toBe('counts');
  stream.cut();
});

test('refuses a machine that is not there', async () => {
  const { status, body } = await rest.get(`/live?stateMachineArn=${machineArn('none')}`);
  expect([status, body['type']]).toEqual([404, 'urn:stepyard:problem:StateMachineDoesNotExist']);
});
