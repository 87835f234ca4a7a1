import { once } from 'node:events';
import { pino } from 'pino';
import type { Config } from '../schemas/config.ts';
import { ManagedRedis } from './managed-redis.ts';

/** Puts a process together from its settings and runs it until it is told to stop. */
export async function runServer(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel });
  const { dataDir, fsync } = config;
  const redis = config.redisUrl ? undefined : await ManagedRedis.start({ dataDir, fsync, log });
  log.info({ redis: config.redisUrl ?? redis?.socketPath }, 'ready');
  // The pending signals keep nothing alive by themselves.
  const alive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  clearInterval(alive);
  await redis?.stop();
}
