import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Gate } from '../../../api/auth/gate.ts';
import { isFromElsewhere } from '../../../api/auth/own-pages.ts';
import { guardRoutes } from '../../../api/auth/rest-gate.ts';
import { Sessions } from '../../../api/auth/sessions.ts';
import { Streams } from '../../../api/rest/streams.ts';
import { createKey } from '../support/access.ts';
import { type RunningApi, runApi, send } from '../support/running-api.ts';

/** A server without keys, and what it is still careful about. */

describe('a request', () => {
  const ALLOWED = ['https://console.example'];

  test.each([
    { host: 'localhost:8083' },
    { host: '127.0.0.1:8083' },
    { host: '[::1]:8083' },
    { host: 'sync-127.0.0.1:8083' },
    { host: 'stepyard:8083' },
    { host: 'states.localhost:8083' },
    { host: 'host.docker.internal:8083' },
    { host: 'localhost:8083', origin: 'http://localhost:8083', 'sec-fetch-site': 'same-origin' },
    { host: 'localhost:8083', origin: 'https://console.example', 'sec-fetch-site': 'cross-site' },
    { host: 'localhost:8083', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
    { host: 'localhost:8083', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    {},
  ])('with %j may be of this machine', (headers) => {
    expect(isFromElsewhere(headers, ALLOWED)).toBe(false);
  });

  test.each([
    { host: 'evil.example:8083' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost:8083', origin: 'https://evil.example' },
    { host: 'localhost:8083', origin: 'http://localhost:3000' },
    { host: 'localhost:8083', origin: 'null' },
    { host: 'localhost:8083', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { host: '127.0.0.1:8083', 'x-forwarded-for': '203.0.113.7' },
    { host: '127.0.0.1:8083', via: '1.1 proxy' },
  ])('with %j may be of others', (headers) => {
    expect(isFromElsewhere(headers, ALLOWED)).toBe(true);
  });
});

describe('a server without keys', () => {
  let api: RunningApi;
  beforeEach(async () => {
    api = await runApi();
  });
  afterEach(() => api.close());

  test('refuses pages of other sites, until there is a key', async () => {
    const foreign = { origin: 'https://evil.example' };
    const refused = await api.post('AWSStepFunctions.ListActivities', '{}', foreign);
    expect(refused.body['__type']).toBe('AccessDeniedException');
    expect(await send(api.port, 'GET', '', foreign, '/api/v1/state-machines')).toMatchObject({ status: 403 });
    const { bearer } = await createKey(api);
    const known = () => send(api.port, 'GET', '', { ...foreign, ...bearer }, '/api/v1/state-machines');
    await expect.poll(async () => (await known()).status, { timeout: 6000 }).toBe(200);
  });

  test('that something else protects takes all of them', async () => {
    const behind = await runApi({ openTo: 'everybody' });
    const answer = await behind.post('AWSStepFunctions.ListActivities', '{}', { host: 'stepyard.example' });
    expect(answer.status).toBe(200);
    await behind.close();
  });
});

describe('a stream', () => {
  test('ends with the key that it was opened with', async () => {
    const api = await runApi();
    const key = await createKey(api);
    await createKey(api);
    const gate = new Gate(api.deps);
    const app = fastify();
    guardRoutes(app, gate, new Sessions(api.deps.store.accessKeys), '000000000000');
    const streams = new Streams(1, (caller) => gate.isStillKnown(caller), { beatMs: 20, beats: 1000 });
    app.get('/stream', { config: { access: 'read' } }, (_request, reply) => {
      streams.open(reply, new AbortController().signal);
    });
    await app.listen({ port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const [response] = await once(get({ port, path: '/stream', headers: key.bearer }), 'response');
    expect(response.statusCode).toBe(200);
    const ended = once(response.resume(), 'end');
    await api.deps.store.accessKeys.revoke(key.key.id);
    await ended;
    await app.close();
    await api.close();
  });
});
