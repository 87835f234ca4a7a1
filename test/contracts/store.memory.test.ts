import { createMemoryStore, type StoreClock } from '../../engine/store/memory.ts';
import { SHARDS } from './store/fixtures.ts';
import { testStore } from './store.contract.ts';

/** Time passes when the test says so. */
class ManualClock implements StoreClock {
  #now = 1_700_000_000_000;
  readonly #waiting = new Set<{ dueMs: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const entry = { dueMs: this.#now + ms, callback };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  elapse(ms: number): void {
    this.#now += ms;
    for (const entry of this.#waiting) {
      if (entry.dueMs > this.#now) continue;
      this.#waiting.delete(entry);
      entry.callback();
    }
  }
}

const clock = new ManualClock();

testStore('the store in memory', {
  open: async (options = {}) => createMemoryStore({ shards: SHARDS, clock, ...options }),
  again: async (store) => store,
  elapse: async (ms) => clock.elapse(ms),
});
