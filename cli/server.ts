import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Config } from '../schemas/config.ts';
import { ManagedRedis } from './managed-redis.ts';
import { logRequests } from './request-log.ts';
import { secretKeyOf } from './secret-key.ts';
import { checkStart } from './start-checks.ts';
import { stopSignal } from './stop-signal.ts';
import { startSystem } from './system.ts';

/**
 * Puts a process together from its settings and runs it until it is told to stop.
 *
 * @throws StartError when a setting names what cannot be used
 */
export async function runServer(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel });
  logRequests(log);
  const { dataDir, fsync } = config;
  await checkStart(config);
  // Listened for before anything starts: a signal while starting stops as well.
  const told = stopSignal();
  const redis = config.redisUrl ? undefined : await ManagedRedis.start({ dataDir, fsync, log });
  const redisUrl = config.redisUrl ?? `unix://${redis?.socketPath}`;
  try {
    // Who has the data folder is alone on its Redis: after a kill it goes on at once, not when its own leases have run out.
    const secretKey = config.secretKey ?? (redis && secretKeyOf(dataDir));
    const system = await startSystem({ ...config, secretKey }, redisUrl, log, redis && 'data-folder');
    if (system.url)
      process.stderr.write(greeting(system.url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')));
    log.info({ url: system.url, role: config.role }, 'ready');
    await told;
    await Promise.race([system.stop(), delay(STOP_LIMIT_MS, undefined, { ref: false })]);
  } finally {
    await redis?.stop();
  }
  // Redis clients leave timers of sockets that are closed already; nothing is left to wait for.
  process.exit();
}

/** A Redis that is away would hold the stop for ever: what is committed is safe without it. */
const STOP_LIMIT_MS = 20_000;

const greeting = (url: string): string => `
Stepyard listens on ${url}. A first command to paste (with an access key, once there are some):

  AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws stepfunctions list-state-machines --region us-east-1 --endpoint-url ${url}

`;
