import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askRedis } from '../../cli/redis-server.ts';
import { logRequests } from '../../cli/request-log.ts';
import { type System, startSystem } from '../../cli/system.ts';
import { TELEMETRY } from '../../engine/index.ts';
import { type Config, type Flags, readConfig } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';

/** How a running process is watched, and what it says of its Redis. */

const redis = useRedis();

function configOf(flags: Flags): Config {
  const result = readConfig({}, { port: '0', ...flags });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function run(flags: Flags): Promise<{ system: System; warnings: string[] }> {
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (_fields: object, message: string) => warnings.push(message), error: () => {} };
  const system = await startSystem(configOf(flags), redis.url, log);
  onTestFinished(() => system.stop());
  return { system, warnings };
}

const read = async (url: string): Promise<{ status: number; body: Record<string, unknown>; text: string }> => {
  const response = await fetch(url);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, text, body: isJson ? JSON.parse(text) : {} };
};

describe('the API', () => {
  test('tells whether the process lives, whether it is ready, and its metrics', async () => {
    const { system } = await run({});
    expect(await read(`${system.url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await read(`${system.url}/readyz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
    const metrics = await read(`${system.url}/metrics`);
    expect(metrics.text).toContain('\nstepyard_shards_owned 16\n');
  });

  test('counts requests by operation and outcome, of both APIs', async () => {
    const { system } = await run({});
    const url = system.url ?? '';
    const call = (operation: string, body: object) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` },
        body: JSON.stringify(body),
      });
    await call('ListStateMachines', {});
    await call('DescribeExecution', { executionArn: 'no arn' });
    await call('MadeUp', {});
    await fetch(`${url}/api/v1/state-machines`);
    const { text } = await read(`${url}/metrics`);
    const counted = text.split('\n').filter((line) => line.startsWith('stepyard_api_requests_total'));
    expect(counted.toSorted()).toEqual([
      'stepyard_api_requests_total{operation="DescribeExecution",outcome="InvalidArn"} 1',
      'stepyard_api_requests_total{operation="ListStateMachines",outcome="ok"} 1',
      'stepyard_api_requests_total{operation="listStateMachines",outcome="ok"} 1',
      'stepyard_api_requests_total{operation="unknown",outcome="UnknownOperationException"} 1',
    ]);
  });
});

test('a process without an API is watched on a port of its own', async () => {
  const port = await freePort();
  const { system } = await run({ role: 'engine', metricsPort: String(port) });
  expect(system.url).toBeUndefined();
  const url = `http://127.0.0.1:${port}`;
  expect((await read(`${url}/healthz`)).status).toBe(200);
  expect((await read(`${url}/readyz`)).body).toMatchObject({ status: 'ok' });
  expect((await read(`${url}/metrics`)).text).toContain('stepyard_build_info');
  expect((await read(`${url}/`)).status).toBe(404);
});

test('a process is not ready while shards have no owner', async () => {
  const port = await freePort();
  await run({ role: 'worker', metricsPort: String(port) });
  expect(await read(`http://127.0.0.1:${port}/readyz`)).toMatchObject({ status: 503, body: { status: 'failed' } });
});

describe('a Redis that may lose data', () => {
  const unsafe = async (): Promise<void> => {
    await askRedis(redis.url, 'CONFIG', 'SET', 'appendonly', 'no', 'maxmemory-policy', 'volatile-lru');
    onTestFinished(() =>
      askRedis(redis.url, 'CONFIG', 'SET', 'appendonly', 'yes', 'maxmemory-policy', 'noeviction').then(() => {}),
    );
  };

  test('is warned of', async () => {
    await unsafe();
    const { warnings } = await run({});
    expect(warnings).toEqual([
      expect.stringMatching(/keeps no append-only log.*Set appendonly yes/),
      expect.stringMatching(/removes keys.*Set maxmemory-policy noeviction/),
    ]);
  });

  test('is refused when the settings are strict', async () => {
    await unsafe();
    await expect(run({ strict: true })).rejects.toThrow(
      /STEPYARD_STRICT is true:\n {2}.*appendonly yes.*\n.*noeviction/,
    );
    await expect.poll(() => askRedis(redis.url, 'CLIENT', 'LIST')).not.toContain('name=stepyard');
  });
});

test('requests have a log line when the log is that fine', () => {
  const lines: [object, string][] = [];
  const request = { operation: 'ListStateMachines', outcome: 'ok', status: 200, ms: 1.2345, requestId: 'r' };
  const debug = (fields: object, message: string) => lines.push([fields, message]);
  logRequests({ debug, isLevelEnabled: () => false });
  TELEMETRY.requestAnswered.publish(request);
  expect(lines).toEqual([]);
  logRequests({ debug, isLevelEnabled: (level) => level === 'debug' });
  TELEMETRY.requestAnswered.publish(request);
  expect(lines).toEqual([[{ ...request, ms: 1.2 }, 'request']]);
});
