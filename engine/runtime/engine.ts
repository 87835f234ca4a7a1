import type { Limits } from '../interpreter/limits.ts';
import type { InboxEntry, Store } from '../store/store.ts';
import type { TaskQueue } from '../tasks/queue.ts';
import { type Announcer, NOBODY } from './announcer.ts';
import { type Clock, pause, systemClock } from './clock.ts';
import type { Log } from './log.ts';
import { MachineCache } from './machine-cache.ts';
import { Ownership } from './ownership.ts';
import { Shard } from './shard.ts';
import type { Archive, ShardPorts } from './shard-ports.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly limits: Limits;
  /** This process among all engines of the deployment. */
  readonly owner: string;
  /** How long a dead engine keeps its shards. */
  readonly leaseMs: number;
  readonly log: Log;
  /** Where closed executions go at the end of their retention; without one, they are removed for good. */
  readonly archive?: Archive | undefined;
  /** Hears how the status of executions changes. Default nobody. */
  readonly announcer?: Announcer;
  /** Default the system's. */
  readonly clock?: Clock;
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
const IDLE_MS = 20;
const RETRY_MS = 500;

/**
 * The durable runtime: owns shards, and drives the interpreter over what arrives in their inboxes. Any number of engines share a store.
 */
export function createEngine(options: EngineOptions): Engine {
  const { store, owner, leaseMs } = options;
  const ports = portsOf(options);
  const { log, clock } = ports;
  const ownership = new Ownership({
    store: store.shards,
    owner,
    leaseMs,
    log,
    clock,
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
        await pause(clock, RETRY_MS);
      }
    }
  }

  async function readOnce(): Promise<void> {
    const shards = ownership.readable();
    if (shards.size === 0) return void (await pause(clock, IDLE_MS));
    const cursors = new Map([...shards].map(([number, shard]) => [number, shard.cursor]));
    // To the very shards that were asked for: one that was lost meanwhile and taken anew reads from its own beginning.
    for (const [number, entries] of byShard(await store.shards.read(cursors, READ_MS)))
      shards.get(number)?.accept(entries);
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

function portsOf(options: EngineOptions): ShardPorts {
  const { store, queue, limits, log, archive, announcer = NOBODY, clock = systemClock } = options;
  const machines = new MachineCache(store.registry);
  const { shards, executions } = store;
  return { store: shards, executions, archive, queue, announcer, machines, limits, log, clock };
}

function byShard(entries: readonly InboxEntry[]): ReadonlyMap<number, InboxEntry[]> {
  const lists = new Map<number, InboxEntry[]>();
  for (const entry of entries) {
    const list = lists.get(entry.shard);
    if (list) list.push(entry);
    else lists.set(entry.shard, [entry]);
  }
  return lists;
}
