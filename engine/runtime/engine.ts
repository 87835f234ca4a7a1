import { setTimeout as delay } from 'node:timers/promises';
import type { Limits } from '../interpreter/limits.ts';
import type { InboxEntry, Store } from '../store/store.ts';
import type { TaskQueue } from '../tasks/queue.ts';
import type { Log } from './log.ts';
import { MachineCache } from './machine-cache.ts';
import { Ownership } from './ownership.ts';
import { Shard } from './shard.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly limits: Limits;
  /** This process among all engines of the deployment. */
  readonly owner: string;
  /** How long a dead engine keeps its shards. */
  readonly leaseMs: number;
  readonly log: Log;
}

export interface Engine {
  /** Resolves when the engine has taken the shards that are free. */
  start(): Promise<void>;
  /** Finishes what is at hand, then gives its shards up at once. */
  stop(): Promise<void>;
  /** The shards that this process owns now. */
  readonly shards: readonly number[];
}

/** How long one read waits: how late a newly taken shard is read for the first time. */
const READ_MS = 500;

/**
 * The durable runtime: owns shards, and drives the interpreter over what arrives in their inboxes. Any number of engines share a store.
 */
export function createEngine({ store, queue, limits, owner, leaseMs, log }: EngineOptions): Engine {
  const machines = new MachineCache(store.registry);
  const ports = { store: store.shards, queue, machines, limits, log };
  const ownership = new Ownership({
    store: store.shards,
    owner,
    leaseMs,
    log,
    open: (lease) => new Shard(lease, ports),
  });
  let stopping = false;
  let reading: Promise<void> | undefined;

  async function readForEver(): Promise<void> {
    while (!stopping) {
      try {
        await readOnce();
      } catch (error) {
        if (stopping) return;
        log.warn({ err: error }, 'the inboxes cannot be read; trying again');
        await delay(RETRY_MS);
      }
    }
  }

  async function readOnce(): Promise<void> {
    const cursors = ownership.cursors();
    if (cursors.size === 0) return void (await delay(20));
    deliver(await store.shards.read(cursors, READ_MS));
  }

  function deliver(entries: readonly InboxEntry[]): void {
    const byShard = new Map<number, InboxEntry[]>();
    for (const entry of entries) {
      const list = byShard.get(entry.shard);
      if (list) list.push(entry);
      else byShard.set(entry.shard, [entry]);
    }
    for (const [shard, list] of byShard) ownership.shard(shard)?.accept(list);
  }

  return {
    async start() {
      await ownership.start();
      reading = readForEver();
    },
    async stop() {
      stopping = true;
      await reading;
      await ownership.stop();
    },
    get shards() {
      return ownership.shards;
    },
  };
}

const RETRY_MS = 500;
