import type { ShardStore, Store } from '../../engine/store/store.ts';
import type { Dice } from './dice.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A process that can die between any two things it does, and whose calls to the store take time and go wrong. */
export class Mortal {
  readonly clock: Pick<VirtualClock, 'now' | 'after'>;
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #faults: Faults;
  alive = true;

  constructor(clock: VirtualClock, dice: Dice, faults: Faults) {
    this.#clock = clock;
    this.#dice = dice;
    this.#faults = faults;
    this.clock = {
      now: () => clock.now(),
      after: (ms, call) => clock.after(ms, () => this.alive && call()),
    };
  }

  die(): void {
    this.alive = false;
  }

  /** The store as this process reaches it. */
  store(store: Store): Store {
    return {
      ...store,
      executions: this.reach(store.executions),
      shards: this.#shards(store.shards),
      registry: this.reach(store.registry),
      mapRuns: { ...this.reach(store.mapRuns), results: (arn) => store.mapRuns.results(arn) },
    };
  }

  #shards(shards: ShardStore): ShardStore {
    const reached = this.reach(shards);
    return new Proxy(reached, {
      get: (target, name) => {
        if (name !== 'commit') return Reflect.get(target, name);
        // A connection that was cut after the commit was applied sends it again, under the number it had.
        return async (...[lease, batch]: Parameters<ShardStore['commit']>) => {
          if (!this.#dice.chance(this.#faults.resend)) return target.commit(lease, batch);
          const before = { ...lease };
          await target.commit({ ...lease }, batch);
          const answer = await target.commit(before, batch);
          if (answer !== 'lost') lease.sequence = before.sequence;
          return answer;
        };
      },
    });
  }

  /** Every method takes a moment before and after its effect; the process may be dead by either. */
  reach<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await this.#moment();
          const answer: unknown = await value.apply(object, args);
          await this.#moment();
          return answer;
        };
      },
    });
  }

  async #moment(): Promise<void> {
    if (this.#dice.chance(this.#faults.death)) this.die();
    if (this.#dice.chance(this.#faults.delay)) await this.#pause(this.#dice.below(this.#faults.longestDelayMs));
    if (this.#dice.chance(this.#faults.stall)) await this.#pause(this.#faults.stallMs);
    // The dead wait for ever.
    if (!this.alive) await new Promise(() => {});
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

/** How often what goes wrong, per call to the store. */
export interface Faults {
  readonly death: number;
  readonly delay: number;
  readonly longestDelayMs: number;
  readonly resend: number;
  /** A call that hangs for longer than a lease: what it was to write comes when another owns the shard. */
  readonly stall: number;
  readonly stallMs: number;
}
