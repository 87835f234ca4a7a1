import { existsSync } from 'node:fs';
import { pino } from 'pino';
import type { AccessKeys } from '../engine/store/access-keys.ts';
import { openAccessKeys } from '../engine/store/redis/access-keys.ts';
import type { Config } from '../schemas/config.ts';
import { redisSocketIn } from './data-folder.ts';
import { ManagedRedis } from './managed-redis.ts';
import { probeRedis } from './redis-server.ts';
import { secretKeyOf } from './secret-key.ts';
import { checkRedis } from './start-checks.ts';

/** Where the access keys of a deployment are, and what their secrets are sealed with. */
export interface KeyStore {
  readonly keys: AccessKeys;
  /** Undefined when the Redis is another's and no setting says it. */
  readonly secretKey: string | undefined;
}

/**
 * Does something with the access keys in the Redis of the settings. A private Redis whose server does not run is started for that
 * time.
 *
 * @throws StartError when there is no Redis to be had
 */
export async function withKeyStore(config: Config, work: (store: KeyStore) => Promise<void>): Promise<void> {
  if (config.redisUrl !== undefined) {
    await checkRedis(config.redisUrl);
    return withRedis(config.redisUrl, config.secretKey, work);
  }
  const { dataDir, fsync } = config;
  const socketPath = existsSync(dataDir) ? redisSocketIn(dataDir) : undefined;
  const running = socketPath !== undefined && (await probeRedis(socketPath)) !== 'absent';
  const managed = running ? undefined : await ManagedRedis.start({ dataDir, fsync, log: pino({ level: 'silent' }) });
  try {
    const url = `unix://${managed?.socketPath ?? socketPath}`;
    await withRedis(url, config.secretKey ?? secretKeyOf(dataDir), work);
  } finally {
    await managed?.stop();
  }
}

async function withRedis(
  url: string,
  secretKey: string | undefined,
  work: (store: KeyStore) => Promise<void>,
): Promise<void> {
  const keys = openAccessKeys(url);
  try {
    await work({ keys, secretKey });
  } finally {
    keys.close();
  }
}
