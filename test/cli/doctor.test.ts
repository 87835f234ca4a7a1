import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Diagnosis, diagnose } from '../../cli/doctor/doctor.ts';
import { askRedis } from '../../cli/redis-server.ts';
import { startSystem } from '../../cli/system.ts';
import { readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';

/** What `stepyard doctor` finds, and what it says to do. */

const redis = useRedis();
const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

const statuses = ({ checks }: Diagnosis): object =>
  Object.fromEntries(checks.map(({ name, status }) => [name, status]));
const messageOf = ({ checks }: Diagnosis, wanted: string): string | undefined =>
  checks.find(({ name }) => name === wanted)?.message;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stepyard-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A server that says of itself what a test wants. */
async function serverThatSays(status: number, body: object): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(JSON.stringify(body)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

const keysOf = async (): Promise<unknown> => (await askRedis(redis.url, 'KEYS', '*')) as unknown;

describe('settings', () => {
  test('that are wrong are all told, each with its variable', async () => {
    const found = await diagnose({ PORT: 'x', STEPYARD_SHARDS: '0' });
    expect(found).toEqual({
      status: 'failed',
      checks: [
        { name: 'settings', status: 'failed', message: 'PORT must be a whole number from 0 to 65535, not "x".' },
        {
          name: 'settings',
          status: 'failed',
          message: 'STEPYARD_SHARDS must be a whole number from 1 to 1024, not "0".',
        },
      ],
    });
  });
});

describe('a Redis', () => {
  const REDIS_URL = () => `unix://${redis.url}`;

  test('on which nothing was started yet is looked at and left as it is', async () => {
    const PORT = await serverThatSays(200, { status: 'ok' });
    const found = await diagnose({ REDIS_URL: REDIS_URL(), PORT });
    expect(statuses(found)).toEqual({
      settings: 'ok',
      node: 'ok',
      redis: 'ok',
      persistence: 'ok',
      eviction: 'ok',
      memory: 'ok',
      clock: 'ok',
      latency: 'ok',
      shards: 'ok',
      endpoint: 'ok',
    });
    expect(found.status).toBe('ok');
    expect(messageOf(found, 'shards')).toMatch(/^No Stepyard was ever started/);
    expect(await keysOf()).toEqual([]);
  });

  test('that is not there is told with its address', async () => {
    const found = await diagnose({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(found.status).toBe('failed');
    expect(messageOf(found, 'redis')).toBe('Redis at redis://127.0.0.1:1 does not answer (ECONNREFUSED).');
  });

  test('with a deployment is told of with its owners, versions and backlog', async () => {
    const result = readConfig({}, { port: '0', shards: '4' });
    if (!result.ok) throw new Error(result.problems.join('; '));
    const system = await startSystem(result.config, redis.url, { info() {}, warn() {}, error() {} }, 'engine-1');
    const PORT = new URL(system.url ?? '').port;
    const found = await diagnose({ REDIS_URL: REDIS_URL(), PORT, STEPYARD_SHARDS: '4' });
    expect(found.checks.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(messageOf(found, 'owners')).toBe('All 4 shards have a living owner: 1 engine.');
    expect(messageOf(found, 'versions')).toMatch(/^All engines understand the same: engine-1 \(level \d+\)\.$/);
    expect(messageOf(found, 'backlog')).toBe('0 waiting in the inboxes, 0 tasks without a worker, 0 timers due.');
    const other = await diagnose({ REDIS_URL: REDIS_URL(), PORT });
    expect(messageOf(other, 'shards')).toMatch(/4 shards, but the settings say 16: set STEPYARD_SHARDS=4\.$/);
    await system.stop();
    const stopped = await diagnose({ REDIS_URL: REDIS_URL(), PORT, STEPYARD_SHARDS: '4' });
    expect(statuses(stopped)).toMatchObject({ owners: 'failed', endpoint: 'warning' });
  });
});

describe('the private Redis', () => {
  test('that does not run is not started', async () => {
    const dataDir = await temporaryFolder();
    const found = await diagnose({ STEPYARD_DATA: dataDir });
    expect(statuses(found)).toMatchObject({ redis: 'warning', 'redis-server': 'ok', 'data folder': 'ok' });
  });

  test('has a folder that others may not look into', async () => {
    const dataDir = await temporaryFolder();
    await chmod(dataDir, 0o755);
    const found = await diagnose({ STEPYARD_DATA: dataDir });
    expect(messageOf(found, 'data folder')).toContain('chmod 700');
  });
});

describe('a server', () => {
  test('that is not ready says why', async () => {
    const checks = [
      { name: 'owners', status: 'failed', message: 'Shards 3 have no living owner.' },
      { name: 'store', status: 'ok', message: 'Redis answers.' },
    ];
    const PORT = await serverThatSays(503, { status: 'failed', checks });
    const found = await diagnose({ PORT, STEPYARD_DATA: await temporaryFolder() });
    expect(messageOf(found, 'endpoint')).toBe(
      `The server at http://127.0.0.1:${PORT}/ is not ready: Shards 3 have no living owner.`,
    );
  });

  test('that is none of ours is told as such', async () => {
    const PORT = await serverThatSays(404, {});
    const found = await diagnose({ PORT, STEPYARD_DATA: await temporaryFolder() });
    expect(messageOf(found, 'endpoint')).toContain('is no Stepyard, or not ready (HTTP 404)');
  });
});

describe('the command', () => {
  const run = (args: string[], env: Record<string, string>): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [main, 'doctor', ...args],
        { env: { PATH: process.env['PATH'], ...env } },
        (error, output) => resolve({ code: Number(error?.code ?? 0), output }),
      );
    });

  test('prints a line for each check, and ends with 2 when something cannot work', async () => {
    const { code, output } = await run([], { PORT: 'x' });
    expect(output).toBe('✗ settings  PORT must be a whole number from 0 to 65535, not "x".\n');
    expect(code).toBe(2);
  });

  test('ends with 1 when there are warnings, and tells programs in JSON', async () => {
    const { code, output } = await run(['--json', '--data', await temporaryFolder(), '--port', '1'], {});
    expect(JSON.parse(output)).toMatchObject({ status: 'warning' });
    expect(code).toBe(1);
  });
});
