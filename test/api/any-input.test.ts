import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATIONS } from '../../api/operations/index.ts';
import { type RunningApi, runApi } from './support/running-api.ts';

/** No input is a reason for an answer of 500 and above, and every refusal names an error. */

const SCOPE = 'arn:aws:states:us-east-1:000000000000';
const TEXTS = [
  `${SCOPE}:stateMachine:m`,
  `${SCOPE}:execution:m:e`,
  `${SCOPE}:activity:a`,
  'arn:aws:iam::000000000000:role/r',
  '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
  '{}',
  'm',
  Buffer.from('["state-machines",null]').toString('base64url'),
  `${'A'.repeat(22)}.1.${'0'.repeat(36)}`,
];

let api: RunningApi;
beforeAll(async () => {
  api = await runApi({ pollMs: 1 });
});
afterAll(() => api.close());

const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 2, arbitrary: fc.nat(1000) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);

const request = fc.constantFrom(...OPERATIONS).chain(({ name, input }) => {
  const members = Object.fromEntries(Object.keys(input.properties).map((member) => [member, value]));
  return fc.record({ name: fc.constant(name), input: fc.record(members, { requiredKeys: [] }) });
});

test('any input gets an answer', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ name, input }) => {
      const { status, body, headers } = await api.call(name, input);
      expect(status).toBeLessThan(500);
      if (status !== 200) expect(body['__type']).toBe(headers['x-amzn-errortype']);
    }),
    { numRuns: 1_500 },
  );
  expect(api.logged).toEqual([]);
});
