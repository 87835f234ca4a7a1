import type { Lease, ShardStore } from '../store/store.ts';
import { type Clock, repeat } from './clock.ts';
import type { Log } from './log.ts';
import type { Shard } from './shard.ts';
import { TELEMETRY } from './telemetry.ts';

export interface OwnershipOptions {
  readonly store: ShardStore;
  readonly owner: string;
  readonly leaseMs: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly open: (lease: Lease) => Shard;
}

/**
 * Which shards this engine owns. Engines announce themselves and take an even share; a dead engine's shards become free
 * when its leases run out. Ownership only saves work: that two engines never both write is the commit's fence.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #shards = new Map<number, Shard>();
  #balancing: { stop(): Promise<void> } | undefined;
  #stopped = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  get shards(): readonly number[] {
    return [...this.#shards.keys()];
  }

  /** The owned shards that can take more. */
  readable(): ReadonlyMap<number, Shard> {
    return new Map([...this.#shards].filter(([, shard]) => shard.isReadable));
  }

  async start(): Promise<void> {
    await this.#balance();
    // Renewing five times in a lease leaves room for four failures; free shards are found as soon.
    const everyMs = Math.max(50, Math.min(1000, this.#options.leaseMs / 5));
    this.#balancing = repeat(this.#options.clock, everyMs, () => this.#tryBalance());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#balancing?.stop();
    await Promise.all([...this.#shards.values()].map((shard) => this.#giveUp(shard)));
    await this.#options.store.withdraw(this.#options.owner);
  }

  async #tryBalance(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#balance();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'leases could not be renewed; trying again');
    }
  }

  async #balance(): Promise<void> {
    const { store, owner, leaseMs } = this.#options;
    await this.#renew();
    const alive = await store.announce(owner, leaseMs);
    const share = Math.ceil(store.count / Math.max(1, alive.length));
    const extra = [...this.#shards.values()].slice(share);
    await Promise.all(extra.map((shard) => this.#giveUp(shard)));
    await this.#takeFree(share);
  }

  async #renew(): Promise<void> {
    const { store, leaseMs, log } = this.#options;
    for (const shard of this.#shards.values()) if (shard.isLost) this.#forget(shard);
    const leases = [...this.#shards.values()].map(({ lease }) => lease);
    const kept = new Set((await store.renew(leases, leaseMs)).map(({ shard }) => shard));
    for (const [number, shard] of this.#shards) {
      if (kept.has(number)) continue;
      log.warn({ shard: number }, 'the lease of a shard ran out');
      shard.lose();
      this.#forget(shard);
    }
  }

  async #takeFree(share: number): Promise<void> {
    const { store, owner, leaseMs, log, open } = this.#options;
    const wanted = share - this.#shards.size;
    if (wanted <= 0) return;
    const candidates = Array.from({ length: store.count }, (_, number) => number).filter(
      (number) => !this.#shards.has(number),
    );
    for (const number of candidates) {
      if (this.#shards.size >= share || this.#stopped) return;
      const lease = await store.claim(number, owner, leaseMs);
      if (!lease) continue;
      const shard = open(lease);
      this.#shards.set(number, shard);
      shard.start();
      log.info({ shard: number, epoch: lease.epoch }, 'took a shard');
      TELEMETRY.shardTaken.publish({ shard: number, epoch: lease.epoch });
    }
  }

  #forget({ lease: { shard, epoch } }: Shard): void {
    this.#shards.delete(shard);
    TELEMETRY.shardLost.publish({ shard, epoch });
  }

  async #giveUp(shard: Shard): Promise<void> {
    this.#forget(shard);
    await shard.stop();
    await this.#options.store.release(shard.lease);
  }
}
