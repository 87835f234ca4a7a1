import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askRedis, probeRedis } from '../../cli/redis-server.ts';
import { startRedis, useRedis } from './redis.ts';

describe('a Redis of one’s own', () => {
  const redis = useRedis({ fsync: 'always' });

  test('comes back with its data after a crash and after a clean end', async () => {
    await askRedis(redis.url, 'SET', 'key', 'value');
    await redis.kill();
    expect(await probeRedis(redis.url)).toBe('absent');
    await redis.restart();
    expect(await askRedis(redis.url, 'GET', 'key')).toBe('value');
    await redis.restart();
    expect(await askRedis(redis.url, 'GET', 'key')).toBe('value');
  });

  test('leaves nothing behind when it is stopped', async () => {
    const other = await startRedis();
    await other.stop();
    expect(existsSync(dirname(other.url))).toBe(false);
  });

  test('leaves nothing behind when the test process is killed', async () => {
    const module = new URL('./guarded-redis.ts', import.meta.url).href;
    const script = `
      const { GuardedRedis } = await import('${module}');
      const redis = new GuardedRedis({});
      await redis.restart();
      console.log(redis.url);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    const [url] = await once(child.stdout, 'data').then(([line]) => [String(line).trim()]);
    expect(await probeRedis(url ?? '')).toBe('ready');
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(dirname(url ?? '')), { timeout: 5000 }).toBe(false);
    expect(await probeRedis(url ?? '')).toBe('absent');
  });
});
