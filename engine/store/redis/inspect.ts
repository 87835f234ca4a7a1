import type { StoreStatistics } from '../statistics.ts';
import { connect } from './connect.ts';
import { parseEngineMember } from './engine-member.ts';
import { registryKeys, shardKeys } from './keys.ts';
import { asList, asText, call } from './scripts.ts';
import { RedisStatistics } from './statistics.ts';

/** A deployment as it is, for who looks and changes nothing: it may have other settings than one's own, or not be there at all. */
export interface Inspection {
  ping(): Promise<void>;
  /** How many shards it has; undefined when none was ever started there. */
  shardCount(): Promise<number | undefined>;
  /** The engines that have announced themselves, with the level of what they understand (`ENGINE_LEVEL`). */
  engines(): Promise<readonly { readonly owner: string; readonly level: number }[]>;
  /** How it stands, if it has so many shards. */
  statistics(shardCount: number): StoreStatistics;
  close(): void;
}

/** @param url as for `createRedisStore` */
export function inspectRedis(url: string, prefix = 'stepyard'): Inspection {
  const redis = connect(url, 'requests', () => undefined);
  const registry = registryKeys(prefix);
  return {
    async ping() {
      await call(redis, 'PING', []);
    },
    async shardCount() {
      const kept = await call(redis, 'HGET', [registry.deployment, 'shards']);
      return kept === null ? undefined : Number(asText(kept));
    },
    async engines() {
      return asList(await call(redis, 'ZRANGE', [registry.engines, 0, -1])).map((member) =>
        parseEngineMember(asText(member)),
      );
    },
    statistics(shardCount) {
      const keys = Array.from({ length: shardCount }, (_, shard) => shardKeys(prefix, shard));
      return new RedisStatistics(redis, keys, registry);
    },
    close: () => redis.disconnect(),
  };
}
