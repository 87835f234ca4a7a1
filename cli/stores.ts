import type { ApiDeps } from '../api/operation.ts';
import {
  type ArchiveStore,
  createArchive,
  type Log,
  listArchived,
  openArchive,
  type Store,
  withArchive,
} from '../engine/index.ts';
import { createRedisStore, type RedisStoreOptions } from '../engine/store/redis/redis-store.ts';
import type { Config } from '../schemas/config.ts';
import { checkKeys } from './start-checks.ts';
import { StartError } from './start-error.ts';
import { checkSafety } from './store-safety.ts';

const DAY_MS = 86_400_000;

/** Where executions are kept: in Redis, and later in the archive if there is one. */
export interface Stores {
  /** What is in Redis. */
  readonly store: Store;
  /** The same to those who read, with what is in the archive. */
  readonly readable: Store;
  /** For the engine, which writes it. */
  readonly archive?: ReturnType<typeof createArchive>;
  /** For those who look for what only it has. */
  readonly archived?: NonNullable<ApiDeps['archived']>;
  close(): Promise<void>;
}

/** @throws StartError when Redis will not do, or the folder of the archive cannot be made */
export async function openStores(
  config: Config,
  url: string,
  log: Log,
  onError: (error: Error) => void,
): Promise<Stores> {
  const { shards, retentionDays, archive: place, archiveAfterDays } = config;
  const archive = place === undefined ? undefined : await openPlace(place, config.s3Endpoint);
  const keptDays = archive ? Math.min(retentionDays, archiveAfterDays ?? retentionDays) : retentionDays;
  const options = { url, shards, retentionMs: retentionDays * DAY_MS, keptMs: keptDays * DAY_MS, onError };
  const store = await openStore(options, config, log);
  if (!archive) return { store, readable: store, close: () => store.close() };
  return {
    store,
    readable: withArchive(store, archive),
    archive: createArchive(archive, store),
    archived: (stateMachineArn, page) => listArchived(archive, stateMachineArn, page),
    async close() {
      await archive.close();
      await store.close();
    },
  };
}

async function openStore(options: RedisStoreOptions, config: Config, log: Log): Promise<Store> {
  // Another number of shards, a Redis that evicts or is too old: for who started it, and nothing to look for in a stack.
  const store = await createRedisStore(options).catch((error: Error) => {
    throw new StartError(error.message, { cause: error });
  });
  try {
    await checkSafety(store.statistics, config, log);
    if (config.role === 'all' || config.role === 'api') await checkKeys(config, store.accessKeys);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

async function openPlace(
  place: string,
  s3Endpoint: string | undefined,
): Promise<ArchiveStore & { close(): Promise<void> }> {
  try {
    return await openArchive(place, s3Endpoint);
  } catch (error) {
    throw new StartError(
      `STEPYARD_ARCHIVE (--archive) is ${place}, which cannot be made: ${(error as Error).message}.`,
    );
  }
}
