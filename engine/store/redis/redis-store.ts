import type { Redis } from 'ioredis';
import type { Store } from '../store.ts';
import { RedisAccessKeys } from './access-keys.ts';
import { RedisAnswers } from './answers.ts';
import { RedisBulkRedrives } from './bulk-redrives.ts';
import { type ConnectionRole, connect } from './connect.ts';
import { RedisExecutions } from './executions.ts';
import { accessKeyKeys, type RegistryKeys, registryKeys, shardKeys } from './keys.ts';
import { RedisLiveFeed } from './live-feed.ts';
import { RedisMapRuns } from './map-runs.ts';
import { RedisPermits } from './permits.ts';
import { RedisPolls } from './polls.ts';
import { RedisRegistry } from './registry.ts';
import { asText, call } from './scripts.ts';
import { RedisSearch } from './search.ts';
import { isTooOld, readServerInfo } from './server-info.ts';
import { RedisShards } from './shards.ts';
import { RedisStatistics } from './statistics.ts';
import { RedisVersions } from './versions.ts';
import { RedisWebhooks } from './webhooks.ts';

export interface RedisStoreOptions {
  /** `redis://`, `rediss://` or `unix:///path`. */
  readonly url: string;
  /** How many shards the deployment has. Fixed when it is first started. */
  readonly shards: number;
  /** Begins every key. Default `stepyard`. */
  readonly prefix?: string;
  /** How long closed executions are kept. */
  readonly retentionMs: number;
  /** How long they are kept here, when they go to an archive earlier. Default {@link retentionMs}. */
  readonly keptMs?: number;
  /** Hears of every connection failure; the store itself tries again. */
  readonly onError?: (error: Error) => void;
}

/**
 * Opens the store in Redis (6.2 or later) or Valkey.
 *
 * @throws StoreUnavailable when Redis cannot be reached; Error when it is too old, evicts keys, or the deployment has
 * another number of shards.
 */
export async function createRedisStore(options: RedisStoreOptions): Promise<Store> {
  const {
    url,
    shards: count,
    prefix = 'stepyard',
    retentionMs,
    keptMs = retentionMs,
    onError = () => undefined,
  } = options;
  if (/[{}]/.test(prefix)) throw new Error('The key prefix must not contain braces.');
  const open = (role: ConnectionRole): Redis => connect(url, role, onError);
  const requests = open('requests');
  const registry = registryKeys(prefix);
  try {
    await checkServer(requests);
    await checkShardCount(requests, registry, count);
  } catch (error) {
    requests.disconnect();
    throw error;
  }
  const owner = open('owner');
  const reader = open('reader');
  const keys = Array.from({ length: count }, (_, shard) => shardKeys(prefix, shard));
  const shards = new RedisShards(keys, registry, { owner, reader }, { retentionMs, keptMs });
  const permits = new RedisPermits(requests, () => open('reader'), registry, keys);
  const live = new RedisLiveFeed(open('live'), keys);
  return {
    executions: new RedisExecutions(requests, keys, permits),
    mapRuns: new RedisMapRuns(requests, keys),
    live,
    answers: new RedisAnswers(requests, registry),
    shards,
    registry: new RedisRegistry(requests, registry),
    versions: new RedisVersions(requests, registry),
    statistics: new RedisStatistics(requests, keys, registry),
    search: new RedisSearch(requests, keys),
    permits,
    accessKeys: new RedisAccessKeys(requests, accessKeyKeys(prefix)),
    polls: new RedisPolls(requests, registry),
    webhooks: new RedisWebhooks(requests, registry),
    bulkRedrives: new RedisBulkRedrives(requests, registry),
    close: async () => {
      shards.close();
      live.close();
      permits.close();
      for (const connection of [requests, owner, reader]) connection.disconnect();
    },
  };
}

async function checkServer(redis: Redis): Promise<void> {
  const { compatible, evictionPolicy } = readServerInfo(asText(await call(redis, 'INFO', [])));
  if (isTooOld(compatible)) throw new Error(`Redis ${compatible} is too old: Stepyard needs 6.2 or later.`);
  if (evictionPolicy?.startsWith('allkeys')) {
    throw new Error(`Redis may evict what it stores (maxmemory-policy ${evictionPolicy}): Stepyard needs noeviction.`);
  }
}

async function checkShardCount(redis: Redis, keys: RegistryKeys, count: number): Promise<void> {
  if (!Number.isInteger(count) || count < 1) throw new Error(`The number of shards must be 1 or more, not ${count}.`);
  await call(redis, 'HSETNX', [keys.deployment, 'shards', count]);
  const kept = Number(asText(await call(redis, 'HGET', [keys.deployment, 'shards'])));
  if (kept !== count) {
    throw new Error(
      `This deployment has ${kept} shards, not ${count}. The number is fixed when a deployment is first started.`,
    );
  }
}
