import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askRedis, probeRedis } from '../../cli/redis-server.ts';
import { registryKeys } from '../../engine/store/redis/keys.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { SETTINGS } from '../../schemas/config.ts';
import { useRedis } from '../support/redis.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

const run = (...args: string[]) => runNode(main, ...args);

const runNode = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('stepyard', () => {
  test('tells its version', async () => {
    expect(await run('--version')).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test.each([
    ['20.20.2', 1],
    ['22.11.0', 1],
    [`${packageJson.engines.node.replace('>=', '')}.1`, 0],
  ])('says on Node %s whether it is too old, before it loads what an old one cannot', async (version, exitCode) => {
    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
    const breaking = exitCode === 0 ? '' : 'delete Map.groupBy; delete Promise.withResolvers;';
    const { code, stderr } = await runNode('--import', `data:text/javascript,${old}${breaking}`, main, '--version');
    const refusal = `Stepyard needs Node 22.12 or newer, and this is ${version} (${process.execPath}).\n`;
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: exitCode === 0 ? '' : refusal });
  });

  test('explains every setting with its flag and its variable', async () => {
    const { code, stdout } = await run('server', '--help');
    expect(code).toBe(0);
    for (const { flag, env } of Object.values(SETTINGS)) {
      expect(stdout).toContain(`--${flag}`);
      expect(stdout).toContain(env);
    }
  });

  test('names everything that is wrong with its settings, without a stack', async () => {
    const { code, stdout, stderr } = await run('server', '--port', 'x', '--fsync', 'never');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(4);
    expect(stderr).toContain('--port must be');
    expect(stderr).toContain('--fsync must be');
  });
});

describe('stepyard server', () => {
  const redis = useRedis();

  test('says in a sentence that its Redis has another number of shards', async () => {
    await askRedis(redis.url, 'HSET', registryKeys('stepyard').deployment, 'shards', '2');
    const { code, stdout, stderr } = await run('server', '--port', '0', '--redis-url', `unix://${redis.url}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^This deployment has 2 shards, not 16\. .*\n$/);
  });

  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepyard-command-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test.each(['SIGTERM', 'SIGINT'] as const)('stops cleanly on %s, and its Redis with it', async (signal) => {
    const args = [main, 'server', '--port', '0', '--data', folder];
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let printed = '';
    server.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    await expect.poll(() => printed, { timeout: 20_000 }).toContain('ready');
    // Twice, as from a terminal and again from npm.
    server.kill(signal);
    server.kill(signal);
    expect(await once(server, 'exit')).toEqual([0, null]);
    expect(await probeRedis(join(folder, 'redis.sock'))).toBe('absent');
  });
});
