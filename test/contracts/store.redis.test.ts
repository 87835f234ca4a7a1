import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { createRedisStore } from '../../engine/store/redis/redis-store.ts';
import type { Store } from '../../engine/store/store.ts';
import { useRedis } from '../support/redis.ts';
import { SHARDS } from './store/fixtures.ts';
import { testStore } from './store.contract.ts';

const redis = useRedis();
const opened = new Map<Store, { prefix: string; retentionMs: number }>();
let prefixes = 0;

async function open(settings: { prefix: string; retentionMs: number }): Promise<Store> {
  const store = await createRedisStore({ url: redis.url, shards: SHARDS, ...settings });
  opened.set(store, settings);
  return store;
}

afterEach(async () => {
  for (const store of opened.keys()) await store.close();
  opened.clear();
});

testStore('the store in Redis', {
  open: ({ retentionMs = 90 * 86_400_000 } = {}) => open({ prefix: `test-${++prefixes}`, retentionMs }),
  again: (store) => {
    const settings = opened.get(store);
    if (!settings) throw new Error('Not a store of this test');
    return open(settings);
  },
  elapse: (ms) => sleep(ms),
});
