import { MemoryAccessKeys } from './memory/access-keys.ts';
import { MemoryAnswers } from './memory/answers.ts';
import { MemoryBulkRedrives } from './memory/bulk-redrives.ts';
import { type StoreClock, systemClock } from './memory/clock.ts';
import { MemoryExecutions } from './memory/executions.ts';
import { MemoryLiveFeed } from './memory/live-feed.ts';
import { MemoryMapRuns } from './memory/map-runs.ts';
import { MemoryPermits } from './memory/permits.ts';
import { MemoryPolls } from './memory/polls.ts';
import { MemoryRegistry } from './memory/registry.ts';
import { MemorySearch } from './memory/search.ts';
import { MemoryShards } from './memory/shards.ts';
import { MemoryState } from './memory/state.ts';
import { MemoryStatistics } from './memory/statistics.ts';
import { MemoryVersions } from './memory/versions.ts';
import { MemoryWebhooks } from './memory/webhooks.ts';
import type { Store } from './store.ts';

export type { StoreClock } from './memory/clock.ts';

export interface MemoryStoreOptions {
  /** How many shards there are. Default 1. */
  readonly shards?: number;
  /** How long closed executions are kept. Default for ever. */
  readonly retentionMs?: number;
  /** Default the system's. */
  readonly clock?: StoreClock;
}

/**
 * A store inside one process, for the test kit, the simulation and whoever needs no durability. Several engines may share it.
 * Every method takes effect at the call, in one piece.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { shards: count = 1, retentionMs = Number.POSITIVE_INFINITY, clock = systemClock } = options;
  const state = new MemoryState(clock, count);
  const shards = new MemoryShards(state, retentionMs);
  const permits = new MemoryPermits(clock, (id, visit) => state.executions.get(id)?.tasks.get(visit));
  const polls = new MemoryPolls(clock);
  const registry = new MemoryRegistry(clock, permits, polls);
  return {
    executions: new MemoryExecutions(state, permits),
    mapRuns: new MemoryMapRuns(state),
    live: new MemoryLiveFeed(state),
    answers: new MemoryAnswers(clock),
    shards,
    registry,
    versions: new MemoryVersions(clock, registry.machines),
    search: new MemorySearch(state),
    statistics: new MemoryStatistics(state),
    permits,
    accessKeys: new MemoryAccessKeys(clock),
    polls,
    webhooks: new MemoryWebhooks(clock),
    bulkRedrives: new MemoryBulkRedrives(clock),
    close: async () => shards.close(),
  };
}
