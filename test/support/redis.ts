import { afterAll, beforeAll } from 'vitest';
import { GuardedRedis } from './guarded-redis.ts';

type Options = ConstructorParameters<typeof GuardedRedis>[0];

/**
 * One redis-server for all tests of the file or `describe` it is called in: on a unix socket in a temporary folder.
 * `url` is to be given to ioredis; `kill()` crashes it, `restart()` brings it back with its data.
 */
export function useRedis(options: Options = {}): GuardedRedis {
  const redis = new GuardedRedis(options);
  beforeAll(() => redis.restart());
  afterAll(() => redis.stop());
  return redis;
}

/** One redis-server that the caller stops. */
export async function startRedis(options: Options = {}): Promise<GuardedRedis> {
  const redis = new GuardedRedis(options);
  await redis.restart();
  return redis;
}
