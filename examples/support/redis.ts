import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { end, type OnExit } from './server.ts';

/** A Redis for what the services of an example keep. It is theirs: the server's own is nobody else's business. */
export interface ServiceRedis {
  readonly redis: Redis;
  /** To be given to another process. */
  readonly url: string;
}

/** @param url of a Redis that runs already; without it one is started, on a unix socket, and removed afterwards */
export async function useServiceRedis(url: string | undefined, onExit: OnExit): Promise<ServiceRedis> {
  if (url) {
    const redis = new Redis(url);
    onExit(async () => redis.disconnect());
    await redis.ping();
    return { redis, url };
  }
  const folder = mkdtempSync(join(tmpdir(), 'stepyard-services-'));
  const socket = join(folder, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const child = spawn(findServer(), settings, { stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } });
  const redis = new Redis(socket, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // There is nothing to connect to until Redis has opened its socket: ioredis tries again by itself.
  redis.on('error', () => {});
  onExit(async () => {
    redis.disconnect();
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  });
  await redis.ping();
  return { redis, url: socket };
}

function findServer(): string {
  const found = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (found) return found;
  throw new Error('redis-server is not installed');
}
