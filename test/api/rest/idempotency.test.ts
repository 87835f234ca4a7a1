import { beforeAll, expect, test } from 'vitest';
import { machineArn, PASSES, type Rest, ROLE, useSystem } from './support.ts';

/** `Idempotency-Key`: what was asked for twice under one key is done once, and answered alike. */

const system = useSystem();
let rest: Rest;
beforeAll(async () => {
  rest = system.rest;
  await rest.create('passes', PASSES);
});

const start = (key: string, input: object) =>
  rest.send('POST', '/executions', { stateMachineArn: machineArn('passes'), input }, { 'idempotency-key': key });

const started = async () => {
  const { body } = await rest.get(`/executions?stateMachineArn=${machineArn('passes')}`);
  return (body['executions'] as object[]).length;
};

test('answers alike, also when the execution has ended meanwhile', async () => {
  const before = await started();
  const first = await start('a', { n: 1 });
  await rest.ended(String(first.body['executionArn']));
  const second = await start('a', { n: 1 });
  expect(first.status).toBe(201);
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect([second.status, second.text, second.headers['location'], second.headers['content-type']]).toEqual([
    201,
    first.text,
    first.headers['location'],
    first.headers['content-type'],
  ]);
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(await started()).toBe(before + 1);
});

test('refuses another request under the same key', async () => {
  await start('b', { n: 1 });
  const { status, body } = await start('b', { n: 2 });
  expect([status, body['type']]).toEqual([422, 'urn:stepyard:problem:IdempotencyKeyReused']);
});

test('does it once when asked at the same time', async () => {
  const before = await started();
  const answers = await Promise.all(Array.from({ length: 20 }, () => start('c', { n: 1 })));
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
  expect(new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
  expect(await started()).toBe(before + 1);
});

test('lets a request be corrected that has failed', async () => {
  const body = { name: 'corrected', roleArn: ROLE };
  const key = { 'idempotency-key': 'd' };
  const failed = await rest.send('POST', '/state-machines', { ...body, definition: {} }, key);
  expect(failed.status).toBe(400);
  expect((await rest.send('POST', '/state-machines', { ...body, definition: PASSES }, key)).status).toBe(201);
});

test.each(['', ' ', 'x'.repeat(256)])('refuses the key %j', async (key) => {
  const { status } = await start(key, {});
  expect(status).toBe(400);
});
