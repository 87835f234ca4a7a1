import { hash } from 'node:crypto';
import { CreateActivityCommand, ListActivitiesCommand } from '@aws-sdk/client-sfn';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  attempt,
  clientOf,
  createKey,
  type Signable,
  sendSigned,
  sign,
  signedCall,
  type TestKey,
  told,
} from '../support/access.ts';
import { type RunningApi, runApi } from '../support/running-api.ts';

let api: RunningApi;
let admin: TestKey;

beforeAll(async () => {
  api = await runApi();
  admin = await createKey(api);
});
afterAll(() => api.close());

const MISMATCH = /^InvalidSignatureException: The request signature we calculated does not match .* for details\.$/;
const UNKNOWN = 'UnrecognizedClientException: The security token included in the request is invalid.';
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

describe('the SDK', () => {
  test('is let in with a key, whatever its region', async () => {
    const client = clientOf(api, admin);
    const { activityArn } = await client.send(new CreateActivityCommand({ name: 'sdk' }));
    expect(activityArn).toBe('arn:aws:states:eu-central-1:000000000000:activity:sdk');
    expect(await client.send(new ListActivitiesCommand())).toBeDefined();
    client.destroy();
  });

  test('signs every attempt anew', async () => {
    const client = clientOf(api, admin, 3);
    const used = new Set<string>();
    client.middlewareStack.add(
      (next) => async (args) => {
        used.add(String((args.request as { headers: Record<string, string> }).headers['authorization']));
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'watch' },
    );
    let failures = 2;
    api.store.before.set('createActivity', async () => {
      if (failures-- > 0) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    });
    await client.send(new CreateActivityCommand({ name: 'retried' }));
    api.store.before.clear();
    client.destroy();
    expect(used.size).toBe(3);
  });

  test.each([
    [
      'a wrong secret',
      async () => ({ ...(await createKey(api)), secret: 'x'.repeat(40) }),
      'InvalidSignatureException',
    ],
    [
      'an unknown key',
      async () => ({ ...admin, key: { ...admin.key, id: 'SYAK0000000000000000' } }),
      'UnrecognizedClientException',
    ],
    ['an expired key', () => createKey(api, { expiryMs: Date.now() - 1 }), 'UnrecognizedClientException'],
    ['a key for bearer tokens', () => createKey(api, { bearerOnly: true }), 'UnrecognizedClientException'],
  ])('is refused with %s', async (_what, make, name) => {
    const client = clientOf(api, await make());
    await expect(client.send(new ListActivitiesCommand())).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: 400 },
    });
    client.destroy();
  });
});

describe('a signed request', () => {
  test('is one whatever its path, query, headers and body are', async () => {
    const segment = fc.string({
      unit: fc.constantFrom('a', 'Z', '-', '~', '.', '%20', '!', "'", '(', '*', '+', '='),
      minLength: 1,
      maxLength: 4,
    });
    const text = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '&', '=', '%', '+', "'", 'é', '😀'), maxLength: 5 });
    const path = fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
    const words = fc.array(fc.stringMatching(/^[!-~]{1,5}$/), { minLength: 1, maxLength: 3 });
    const header = fc.tuple(words, fc.constantFrom(' ', '  ', '   ')).map(([parts, space]) => parts.join(space));
    const request = fc.record({
      path,
      query: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), text, { maxKeys: 3 }),
      header,
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ path, query, header }) => {
        const headers = await sign(admin, api.port, { path, query, headers: { 'x-custom': header } });
        const written = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
        const url = written.length > 0 ? `${path}?${written.join('&')}` : path;
        expect(await sendSigned(api, headers, { path: url })).toMatchObject({ status: 200 });
      }),
      { numRuns: 60 },
    );
  });
});

const listing = (names: string) => (headers: Record<string, string>) =>
  sendSigned(api, { ...headers, authorization: String(headers['authorization']).replace('host;x-amz-date', names) });

const spoiled: [what: string, spoil: (headers: Record<string, string>) => Promise<unknown>][] = [
  ['another body', (headers) => sendSigned(api, headers, { body: '{"maxResults":1}' })],
  [
    'another operation',
    (headers) => sendSigned(api, { ...headers, 'x-amz-target': 'AWSStepFunctions.ListStateMachines' }),
  ],
  ['another signed header', (headers) => sendSigned(api, { ...headers, 'content-type': 'application/json' })],
  ['another path', (headers) => sendSigned(api, headers, { path: '/x' })],
  ['another query', (headers) => sendSigned(api, headers, { path: '/?x=1' })],
  [
    'another second',
    (headers) =>
      sendSigned(api, {
        ...headers,
        'x-amz-date': String(headers['x-amz-date']).replace(/(\d)Z$/, (_all, digit) => `${(Number(digit) + 1) % 10}Z`),
      }),
  ],
  [
    'a signature in capitals',
    (headers) =>
      sendSigned(api, {
        ...headers,
        authorization: String(headers['authorization']).replace(/[0-9a-f]+$/, (hex) => hex.toUpperCase()),
      }),
  ],
  ['another order of the headers', listing('x-amz-date;host')],
  ['a header twice', listing('host;host;x-amz-date')],
  ['a header that no signature can have', listing('authorization;host;x-amz-date')],
  [
    'a header that is not there',
    (headers) =>
      sendSigned(api, { ...headers, authorization: String(headers['authorization']).replace('host;', 'host;x-a;') }),
  ],
];

describe('what was signed', () => {
  test.each(spoiled)('is refused with %s', async (_what, spoil) => {
    const headers = await sign(admin, api.port);
    expect(told((await spoil(headers)) as never)).toMatch(MISMATCH);
  });

  test('is refused when it signs another digest than the body has', async () => {
    const headers = { 'x-amz-content-sha256': hash('sha256', '{}') };
    expect(await sendSigned(api, await sign(admin, api.port, { headers }))).toMatchObject({ status: 200 });
    const other = await sign(admin, api.port, { headers });
    expect(told(await sendSigned(api, other, { body: '{"maxResults":1}' }))).toMatch(MISMATCH);
    const unsigned = await sign(admin, api.port, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } });
    expect(told(await sendSigned(api, unsigned))).toMatch(MISMATCH);
  });

  const DATE = '\\d{8}T\\d{6}Z';
  test.each<[what: string, signable: Signable, message: RegExp]>([
    [
      'expired',
      { date: minutes(-6) },
      new RegExp(
        `^InvalidSignatureException: Signature expired: ${DATE} is now earlier than ${DATE} \\(${DATE} - 5 min\\.\\)$`,
      ),
    ],
    [
      'in the future',
      { date: minutes(6) },
      new RegExp(
        `^InvalidSignatureException: Signature not yet current: ${DATE} is still later than ${DATE} \\(${DATE} \\+ 5 min\\.\\)$`,
      ),
    ],
    [
      'for another service',
      { service: 'sqs' },
      /^InvalidSignatureException: Credential should be scoped to correct service: 'states'\.$/,
    ],
  ])('is refused when it is %s', async (_what, signable, message) => {
    expect(told(await sendSigned(api, await sign(admin, api.port, signable)))).toMatch(message);
  });

  test('is taken when clocks differ by less than five minutes', async () => {
    for (const apart of [-4.9, 4.9]) {
      expect(await sendSigned(api, await sign(admin, api.port, { date: minutes(apart) }))).toMatchObject({
        status: 200,
      });
    }
  });
});

describe('a signature', () => {
  test('changes something once', async () => {
    const body = JSON.stringify({ name: 'replayed' });
    const headers = await sign(admin, api.port, { operation: 'CreateActivity', body, headers: attempt() });
    expect(await sendSigned(api, headers, { body })).toMatchObject({ status: 200 });
    expect(told(await sendSigned(api, headers, { body }))).toBe(
      'InvalidSignatureException: The signature was used before: every request must be signed anew.',
    );
  });

  test('that does not tell attempts apart is for all that are alike in its second', async () => {
    const body = JSON.stringify({ name: 'alike' });
    const headers = await sign(admin, api.port, { operation: 'CreateActivity', body });
    for (let time = 0; time < 2; time += 1)
      expect(await sendSigned(api, headers, { body })).toMatchObject({ status: 200 });
    expect(api.store.calls.findLast(([name]) => name === 'useSignature')?.at(-1)).toMatchObject({ sharedMs: 5000 });
  });

  test('reads as often as it likes', async () => {
    const headers = await sign(admin, api.port);
    for (let time = 0; time < 2; time += 1) expect(await sendSigned(api, headers)).toMatchObject({ status: 200 });
  });

  test('costs the store no call when it reads, and one when it changes something', async () => {
    await sendSigned(api, await sign(admin, api.port));
    const calls = api.store.calls.length;
    await sendSigned(api, await sign(admin, api.port));
    expect(api.store.calls.slice(calls).map(([name]) => name)).toEqual(['listActivities']);
    await signedCall(api, admin, 'CreateActivity', { name: 'counted' });
    expect(api.store.calls.slice(calls + 1).map(([name]) => name)).toEqual(['useSignature', 'createActivity']);
  });
});

describe('an Authorization header', () => {
  const scope = 'SYAKQ2M5W8E1R7T4Y9U3/20250101/us-east-1/states/aws4_request';
  test.each([
    [undefined, 'MissingAuthenticationTokenException: Missing Authentication Token'],
    ['', 'MissingAuthenticationTokenException: Missing Authentication Token'],
    [
      'AWS4-HMAC-SHA256',
      "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of a 'X-Amz-Date' header.",
    ],
    [
      'AWS4-HMAC-SHA256 Credential',
      'IncompleteSignatureException: Invalid key=value pair (missing equal-sign) in Authorization header.',
    ],
    ['AWS4-ECDSA-P256-SHA256 Credential=x', "IncompleteSignatureException: Unsupported AWS 'algorithm'"],
    ['Basic eDp5', "IncompleteSignatureException: Unsupported AWS 'algorithm'"],
    ['Bearer SYAK.x', UNKNOWN],
  ])('%j is answered as by AWS', async (authorization, message) => {
    const answer = await api.post(
      'AWSStepFunctions.ListActivities',
      '{}',
      authorization === undefined ? {} : { authorization },
    );
    expect(answer.status).toBe(400);
    expect(told(answer)).toContain(message);
    if (authorization) expect(told(answer)).not.toContain('eDp5');
  });

  const dated = { 'x-amz-date': '20250101T000000Z' };
  test.each([
    [
      'Credential=x, SignedHeaders=host;x-amz-date;x-amz-target, Signature=s',
      "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'x'",
    ],
    [
      `Credential=${scope}/more, SignedHeaders=host;x-amz-date;x-amz-target, Signature=s`,
      'IncompleteSignatureException: Credential must have exactly 5',
    ],
    [
      `Credential=${scope.replace('0101', '0102')}, SignedHeaders=host, Signature=s`,
      "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20250102' != '20250101', from '20250101T000000Z'.",
    ],
    [
      `Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=s`,
      "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      `Credential=${scope}, SignedHeaders=x-amz-date, Signature=s`,
      "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader'",
    ],
  ])('of %j as well', async (rest, message) => {
    const answer = await api.post('AWSStepFunctions.ListActivities', '{}', {
      authorization: `AWS4-HMAC-SHA256 ${rest}`,
      ...dated,
    });
    expect(told(answer)).toContain(message);
  });

  test('may be anything, and is refused', async () => {
    const part = fc.constantFrom(
      'AWS4-HMAC-SHA256',
      'Credential=',
      'SignedHeaders=',
      'Signature=',
      scope,
      '/',
      ',',
      ' ',
      '=',
      ';',
      'host',
      'x-amz-date',
      'x-amz-target',
      '__proto__',
      'constructor',
      'Bearer ',
      'SYAK',
      '\u00e9',
      'f'.repeat(64),
    );
    const date = fc.constantFrom(
      '20250101T000000Z',
      '99999999T999999Z',
      '00000000T000000Z',
      '20250101',
      '',
      new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), date, async (parts, date) => {
        const authorization = parts.join('').trim();
        const { status, body } = await api.post('AWSStepFunctions.ListActivities', '{}', {
          authorization,
          'x-amz-date': date,
        });
        expect(status).toBe(400);
        expect(body['__type']).toMatch(
          /^(MissingAuthenticationToken|IncompleteSignature|InvalidSignature|UnrecognizedClient)Exception$/,
        );
      }),
      { numRuns: 200 },
    );
  });

  test('is where a signature belongs, not the URL', async () => {
    const { port } = api;
    const answer = await sendSigned({ ...api, port }, await sign(admin, port), { path: '/?X-Amz-Signature=s' });
    expect(told(answer)).toBe(
      'IncompleteSignatureException: Signatures are taken in the Authorization header, not in the URL.',
    );
  });
});
