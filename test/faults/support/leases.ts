import type { Redis } from 'ioredis';
import { shardKeys } from '../../../engine/store/redis/keys.ts';
import type { NodeProcess } from './node-process.ts';
import { until } from './until.ts';

export const SHARDS = 16;

/** Who owns a shard, as Redis has it. */
export interface LeaseOf {
  readonly shard: number;
  /** The process id is part of the owner's name. */
  readonly pid: number;
  readonly epoch: number;
  readonly expiresMs: number;
}

export async function readLeases(redis: Redis): Promise<LeaseOf[]> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  return Promise.all(
    shards.map(async (shard) => {
      const { owner = '', epoch, expires } = await redis.hgetall(shardKeys('stepyard', shard).lease);
      const [pid] = owner.split('-').slice(-2);
      return { shard, pid: Number(pid), epoch: Number(epoch), expiresMs: Number(expires) };
    }),
  );
}

/** Waits until each of these engines, and nobody else, has an equal share. */
export function untilShared(redis: Redis, engines: readonly NodeProcess[]): Promise<LeaseOf[]> {
  return until(`${engines.length} engines share the shards`, async () => {
    const leases = await readLeases(redis);
    const shares = engines.map(({ pid }) => leases.filter((lease) => lease.pid === pid).length);
    return shares.every((share) => share === SHARDS / engines.length) ? leases : undefined;
  });
}

/** When a process took each shard, in its own words. */
export function takings(engine: NodeProcess): { shard: number; epoch: number; time: number }[] {
  return engine.lines.flatMap((line) => {
    if (!line.includes('"took a shard"')) return [];
    const { shard, epoch, time } = JSON.parse(line) as { shard: number; epoch: number; time: number };
    return [{ shard, epoch, time }];
  });
}
