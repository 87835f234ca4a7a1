import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import type { Store } from '../engine/index.ts';
import { checkTraceSettings } from '../engine/observability/traces/traces.ts';
import { redisOptions } from '../engine/store/redis/connect.ts';
import { type Config, isLoopback } from '../schemas/config.ts';
import { StartError } from './start-error.ts';

/**
 * Tries what the settings name before anything is started: a Redis that runs for nothing, or shards that are taken for
 * nothing, would be in the way of others.
 *
 * @throws StartError for the first thing that cannot be used
 */
export async function checkStart(config: Config, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  await checkTraceSettings(env).catch((error: Error) => {
    throw new StartError(`${error.message}.`);
  });
  const { filesRoot, redisUrl, role, host, metricsPort } = config;
  if (config.archive === undefined && config.archiveAfterDays !== undefined) {
    throw new StartError('STEPYARD_ARCHIVE_AFTER_DAYS (--archive-after-days) needs STEPYARD_ARCHIVE (--archive).');
  }
  if (filesRoot !== undefined) checkFilesRoot(filesRoot);
  if (role === 'all' || role === 'api') await checkPort(config);
  if (metricsPort !== undefined) await checkPort({ host, port: metricsPort }, METRICS_PORT);
  if (redisUrl !== undefined) await checkRedis(redisUrl);
}

function checkFilesRoot(folder: string): void {
  if (isFolder(folder)) return;
  throw new StartError(
    `STEPYARD_FILES_ROOT (--files-root) must be a folder that exists, not ${JSON.stringify(folder)}.`,
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

type Address = Pick<Config, 'host' | 'port'>;

async function checkPort({ host, port }: Address, setting = PORT): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw cannotListen(error, { host, port }, setting);
  }
  server.close();
  await once(server, 'close');
}

const PORT = 'PORT or --port';
export const METRICS_PORT = 'STEPYARD_METRICS_PORT or --metrics-port';

/** Why nothing can be listened on at an address, and which setting to change. */
export function cannotListen(error: unknown, { host, port }: Address, setting = PORT): StartError {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} on ${host} is in use by another program: stop that, or choose another port with ${setting}.`,
      );
    case 'EACCES':
      return new StartError(`This user may not listen on port ${port}: choose another one with ${setting}.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`STEPYARD_HOST (--host) must be an address of this machine, not ${host} (${code}).`);
    default:
      return new StartError(`Nothing can be listened on at ${host}, port ${port} (${code}).`);
  }
}

/** Who may come in as long as there are no access keys. */
export function openTo({ host, allowInsecure }: Config): 'nobody' | 'this machine' | 'everybody' {
  if (allowInsecure) return 'everybody';
  return isLoopback(host) ? 'this machine' : 'nobody';
}

/** @throws StartError when other machines could use the API, and there is no access key */
export async function checkKeys(config: Config, accessKeys: Store['accessKeys']): Promise<void> {
  if (openTo(config) !== 'nobody') return;
  const found = await accessKeys.list();
  if (found && found.keys.length > 0) return;
  throw new StartError(
    `STEPYARD_HOST is ${config.host}, which other machines can reach, and there are no access keys: anyone there could run ` +
      'and stop your executions. Create one with `stepyard keys create --role admin`, use 127.0.0.1, or set ' +
      'STEPYARD_ALLOW_INSECURE=true when something else protects the port.',
  );
}

/** Long enough for a Redis that is started at the same time. */
const PATIENCE_MS = 3000;

/** @throws StartError when nothing that will do answers there */
export async function checkRedis(url: string): Promise<void> {
  const at = `Redis at ${withoutSecrets(url)}`;
  const givenUpMs = performance.now() + PATIENCE_MS;
  let last: NodeJS.ErrnoException | undefined;
  const redis = new Redis({
    ...readOptions(url),
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    connectTimeout: PATIENCE_MS,
    commandTimeout: 2 * PATIENCE_MS,
    // What Redis itself says does not change.
    retryStrategy: () => (performance.now() < givenUpMs && !isRefusal(last) ? RETRY_MS : null),
  });
  redis.on('error', (error: NodeJS.ErrnoException) => {
    last = error;
  });
  try {
    await redis.ping();
    // A database that is not there is told beside the answer, and ioredis would go on in the first one.
    if (isRefusal(last)) throw last;
  } catch (error) {
    // It reads its data and will answer.
    if ((error as Error).message.startsWith('LOADING')) return;
    throw new StartError(`${at} ${troubleOf(last ?? (error as Error))}.`);
  } finally {
    if (redis.status !== 'end') redis.disconnect();
  }
}

const RETRY_MS = 200;

function readOptions(url: string) {
  try {
    return redisOptions(url);
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}

const isRefusal = (error: Error | undefined): boolean => error?.name === 'ReplyError';

const CLOSED = ['ECONNRESET', 'EPIPE'];

function troubleOf(error: NodeJS.ErrnoException): string {
  if (isRefusal(error)) return `refuses what REDIS_URL asks for: ${error.message.replace(/\.$/, '')}`;
  const { code = 'ECONNRESET', message } = error;
  if (message === 'Command timed out') return 'takes connections but does not answer';
  if (CLOSED.includes(code)) return 'closes the connection: if it speaks TLS, its address begins with rediss://';
  // The system's codes are ECONNREFUSED, EAI_AGAIN and the like; those of TLS begin with ERR_, or name what is wrong.
  return /^E(?!RR_)/.test(code) ? `does not answer (${code})` : `cannot be trusted: ${message} (${code})`;
}

/** The address alone: users and passwords are nobody's business who reads the log. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
