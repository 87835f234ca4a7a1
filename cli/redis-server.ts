import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { StartError } from './start-error.ts';

/** What there is to know about running a redis-server on a unix socket, whoever looks after it. */

export interface RedisServerOptions {
  /** Where it keeps its append-only file. */
  readonly folder: string;
  readonly socketPath: string;
  readonly fsync: 'everysec' | 'always';
}

/** The command line of a Redis that keeps every write: an append-only file, no eviction, no snapshots besides. */
export function redisArguments({ folder, socketPath, fsync }: RedisServerOptions): string[] {
  const settings = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '700',
    dir: folder,
    pidfile: pidFile(folder),
    appendonly: 'yes',
    appendfsync: fsync,
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

export const pidFile = (folder: string): string => join(folder, 'redis.pid');

/** Redis refuses to start in a locale that the machine does not have. */
export const redisEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C' });

/** @throws StartError when there is none */
export function findRedisServer(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
  if (found) return found;
  throw new StartError(
    'redis-server is not installed. Install Redis 6.2 or newer, or Valkey (Debian, Ubuntu: apt-get install redis-server; ' +
      'macOS: brew install redis), or set REDIS_URL to a Redis that runs already',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Sends one command over a connection of its own. Rejects when nobody answers in time, too. */
export async function askRedis(socketPath: string, command: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis({
    path: socketPath,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    commandTimeout: ANSWER_MS,
    connectTimeout: ANSWER_MS,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    // Ending what has ended would leave a timer behind that keeps the process alive for two seconds.
    if (redis.status !== 'end') redis.disconnect();
  }
}

const ANSWER_MS = 2000;

/** `loading`: it reads its append-only file and answers nothing else yet. */
export async function probeRedis(socketPath: string): Promise<'ready' | 'loading' | 'absent'> {
  try {
    await askRedis(socketPath, 'PING');
    return 'ready';
  } catch (error) {
    return error instanceof Error && error.message.startsWith('LOADING') ? 'loading' : 'absent';
  }
}
