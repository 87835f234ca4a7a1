import cookies from '@fastify/cookie';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Gate } from '../../../api/auth/gate.ts';
import { guardRoutes } from '../../../api/auth/rest-gate.ts';
import { Sessions } from '../../../api/auth/sessions.ts';
import { formatBearer, ROLES, type Role } from '../../../schemas/access-key.ts';
import { createKey, type TestKey } from '../support/access.ts';
import { type Answer, type RunningApi, runApi, send } from '../support/running-api.ts';

let api: RunningApi;
beforeEach(async () => {
  api = await runApi();
});
afterEach(() => api.close());

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  send(api.port, 'GET', '', headers, `/api/v1${path}`);

const JSON_TYPE = { 'content-type': 'application/json' };

const logIn = ({ key, secret }: TestKey, headers: Record<string, string> = {}): Promise<Answer> =>
  send(
    api.port,
    'POST',
    JSON.stringify({ token: formatBearer(key.id, secret) }),
    { ...JSON_TYPE, ...headers },
    '/api/v1/session',
  );

const cookieOf = ({ headers }: Answer): { cookie: string } => {
  const [cookie = ''] = headers['set-cookie'] ?? [];
  return { cookie: cookie.split(';')[0] ?? '' };
};

/** Requests that change something, to a server with one such route. */
async function changing(key: TestKey) {
  const gate = new Gate(api.deps);
  const app = fastify();
  app.register(cookies);
  app.setErrorHandler((error, _request, reply) => reply.code(400).send({ error: (error as Error).message }));
  app.register((scope, _options, done) => {
    guardRoutes(scope, gate, new Sessions(api.deps.store.accessKeys), '000000000000');
    scope.post('/things/:arn', { config: { access: 'operate' } }, async () => ({ done: true }));
    done();
  });
  await app.ready();
  const session = cookieOf(await logIn(key));
  return {
    app,
    change: async (headers: Record<string, string>) =>
      (await app.inject({ method: 'POST', url: '/things/arn:thing', headers, payload: '{}' })).json(),
    session,
  };
}

describe('the REST API', () => {
  test('is open without keys', async () => {
    expect(await get('/session')).toMatchObject({ status: 200, body: { keyId: 'anybody', role: 'admin' } });
    expect(await get('/state-machines')).toMatchObject({ status: 200 });
  });

  test('takes bearer tokens', async () => {
    const reader = await createKey(api, { role: 'reader', name: 'rita' });
    expect(await get('/state-machines', reader.bearer)).toMatchObject({ status: 200 });
    expect((await get('/session', reader.bearer)).body).toEqual({ keyId: reader.key.id, name: 'rita', role: 'reader' });
  });

  test.each<[what: string, headers: (key: TestKey) => Record<string, string>]>([
    ['nothing', () => ({})],
    ['a wrong secret', ({ key }) => ({ authorization: `Bearer ${formatBearer(key.id, 'x'.repeat(40))}` })],
    ['another scheme', () => ({ authorization: 'Basic eDp5' })],
    ['a cookie that nobody gave', () => ({ cookie: `stepyard_session=${'a'.repeat(43)}` })],
  ])('asks who it is for %s', async (_what, headers) => {
    const key = await createKey(api);
    for (const path of ['/state-machines', '/session', '/nothing']) {
      const answer = await get(path, headers(key));
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer', 'content-type': expect.stringContaining('application/problem+json') },
      });
    }
  });

  test('shows its documentation to anybody, who may try it with a key', async () => {
    await createKey(api);
    expect(await get('/openapi.json')).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    expect((await get('/docs/')).text).toMatch(/<html/);
  });

  test.each(ROLES.map((role): [Role, number] => [role, role === 'worker' ? 403 : 200]))(
    'lets a %s look: %i',
    async (role, status) => {
      const key = await createKey(api, { role, activities: ['*'] });
      expect(await get('/state-machines', key.bearer)).toMatchObject({ status });
      expect(await get('/session', key.bearer)).toMatchObject({ status: 200, body: { role } });
    },
  );

  test('says when to come again to who comes too often', async () => {
    const key = await createKey(api, { rate: { perSecond: 0.1, burst: 1 } });
    expect(await get('/session', key.bearer)).toMatchObject({ status: 200 });
    const answer = await get('/session', key.bearer);
    expect(answer).toMatchObject({
      status: 429,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
    });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(5);
  });

  test('takes no more logins of a key than its limit lets through', async () => {
    const key = await createKey(api, { rate: { perSecond: 0.1, burst: 1 } });
    expect(await logIn(key)).toMatchObject({ status: 200 });
    expect(await logIn(key)).toMatchObject({ status: 429 });
  });

  test('reads no more of a login than a token needs', async () => {
    await createKey(api);
    const body = JSON.stringify({ token: 'x', ['more'.repeat(1000)]: 1 });
    expect(await send(api.port, 'POST', body, JSON_TYPE, '/api/v1/session')).toMatchObject({ status: 413 });
  });

  test('tells of one fault of a body, however many it has', async () => {
    const members = Array.from({ length: 1000 }, (_, index) => [`member${index}`, 1]);
    const body = JSON.stringify(Object.fromEntries(members));
    const answer = await send(api.port, 'POST', body, JSON_TYPE, '/api/v1/executions');
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body['errors']).toHaveLength(1);
  });

  test('has metrics for readers, and health for all', async () => {
    const { bearer } = await createKey(api, { role: 'reader' });
    const at = (path: string, headers = {}) => send(api.port, 'GET', '', headers, path);
    for (const path of ['/', '/healthz', '/readyz']) expect(await at(path)).toMatchObject({ status: 200 });
    expect(await at('/metrics')).toMatchObject({ status: 401 });
    expect(await at('/metrics', bearer)).toMatchObject({ status: 200 });
  });

  test('does not start with a route that says not whom it is for', () => {
    const app = fastify();
    guardRoutes(app, new Gate(api.deps), new Sessions(api.deps.store.accessKeys), '000000000000');
    expect(() => app.get('/open', () => 'anything')).toThrow('The route /open does not say whom it is for');
  });
});

describe('a session', () => {
  test('is known by a cookie that scripts and other sites cannot use', async () => {
    const key = await createKey(api, { role: 'reader' });
    const answer = await logIn(key);
    expect(answer).toMatchObject({ status: 200, body: { keyId: key.key.id, role: 'reader' } });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^stepyard_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(await get('/session', cookieOf(answer))).toMatchObject({ status: 200, body: { keyId: key.key.id } });
    const secure = await logIn(key, { 'x-forwarded-proto': 'https' });
    expect(secure.headers['set-cookie']).toEqual([expect.stringMatching(/; Secure;/)]);
  });

  test('is not opened with a wrong token', async () => {
    const key = await createKey(api);
    expect(await logIn({ ...key, secret: 'x'.repeat(40) })).toMatchObject({ status: 401 });
  });

  test('ends at logout', async () => {
    const cookie = cookieOf(await logIn(await createKey(api)));
    const out = await send(api.port, 'DELETE', '', cookie, '/api/v1/session');
    expect(out).toMatchObject({ status: 204, headers: { 'set-cookie': [expect.stringContaining('Max-Age=0')] } });
    expect(await get('/session', cookie)).toMatchObject({ status: 401 });
  });

  test('ends with its key', async () => {
    const key = await createKey(api);
    await createKey(api);
    const cookie = cookieOf(await logIn(key));
    await api.deps.store.accessKeys.revoke(key.key.id);
    await expect.poll(async () => (await get('/session', cookie)).status, { timeout: 5000 }).toBe(401);
  });

  test('changes nothing for a form of another site', async () => {
    const { app, change, session } = await changing(await createKey(api));
    const form = { 'content-type': 'text/plain' };
    expect(await change({ ...session, ...form })).toEqual({ error: expect.stringContaining('x-stepyard-csrf') });
    expect(await change({ ...session, 'x-stepyard-csrf': '1', ...JSON_TYPE })).toEqual({ done: true });
    expect(await change({ ...session, ...JSON_TYPE })).toEqual({ done: true });
    await app.close();
  });
});

describe('the log', () => {
  const audits = () => api.logged.map(({ fields }) => fields).filter((fields) => 'audit' in fields);

  test('tells of changes by REST, with who made them', async () => {
    const key = await createKey(api, { role: 'operator', name: 'olga' });
    const { app, change } = await changing(key);
    await change({ ...key.bearer, ...JSON_TYPE });
    await expect
      .poll(() => audits().at(-1))
      .toEqual({
        audit: true,
        key: key.key.id,
        name: 'olga',
        role: 'operator',
        operation: 'POST /things/:arn',
        resource: 'arn:thing',
        requestId: expect.any(String),
        from: '127.0.0.1',
        outcome: 'ok',
      });
    await app.close();
  });

  test('tells of changes by operations, and of how they ended', async () => {
    const { key, bearer } = await createKey(api);
    for (const name of ['ok', '*']) await api.post('AWSStepFunctions.CreateActivity', JSON.stringify({ name }), bearer);
    await api.post('AWSStepFunctions.ListActivities', '{}', bearer);
    const change = { audit: true, key: key.id, role: 'admin', operation: 'CreateActivity', from: '127.0.0.1' };
    expect(audits()).toEqual([
      expect.objectContaining({ ...change, resource: 'ok', outcome: 'ok' }),
      expect.objectContaining({ ...change, resource: '*', outcome: 'InvalidName' }),
    ]);
  });

  test('tells of refusals, but not of a flood of them, and of no secret', async () => {
    const key = await createKey(api);
    const wrong = { authorization: `Bearer ${formatBearer(key.key.id, 'x'.repeat(40))}` };
    for (let time = 0; time < 60; time += 1) await api.post('AWSStepFunctions.ListActivities', '{}', wrong);
    const told = audits();
    expect(told[0]).toMatchObject({
      key: key.key.id,
      operation: 'ListActivities',
      outcome: 'UnrecognizedClientException',
    });
    expect(told.length).toBeLessThan(60);
    expect(JSON.stringify(api.logged)).not.toContain('xxxx');
  });

  test('tells of a change that was refused as refused alone', async () => {
    const { bearer } = await createKey(api, { role: 'reader' });
    const path = '/api/v1/executions';
    expect(await send(api.port, 'POST', '{}', { ...JSON_TYPE, ...bearer }, path)).toMatchObject({ status: 403 });
    // Answers are told of after they were sent.
    await get('/session', bearer);
    expect(audits()).toEqual([expect.objectContaining({ outcome: 'AccessDeniedException' })]);
  });

  test('tells nothing of who needs no key', async () => {
    await api.call('CreateActivity', { name: 'free' });
    expect(audits()).toEqual([]);
  });
});

describe('an answer', () => {
  test('tells browsers to do nothing with it', async () => {
    const all = await Promise.all([
      api.call('ListActivities', {}),
      api.call('Nothing', {}),
      get('/session'),
      get('/nothing'),
    ]);
    for (const { headers } of all) {
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
      });
    }
  });

  test('is for pages of origins that are named, and of no others', async () => {
    const from = (port: number, origin: string, method = 'GET') =>
      send(port, method, '', { origin, 'access-control-request-method': 'POST' }, '/api/v1/session');
    expect((await from(api.port, 'https://a.example')).headers).not.toHaveProperty('access-control-allow-origin');
    const shared = await runApi({ corsOrigins: ['https://a.example'] });
    expect((await from(shared.port, 'https://a.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
    });
    expect((await from(shared.port, 'https://a.example', 'OPTIONS')).status).toBe(204);
    expect((await from(shared.port, 'https://b.example')).headers).not.toHaveProperty('access-control-allow-origin');
    await shared.close();
  });
});
