import type { Store } from '../engine/store/store.ts';
import { apiError } from './errors.ts';

/** How old a count may be, in milliseconds. */
const FRESH_MS = 1000;
/** What has waited so long for an engine waits for one that is away, or behind. */
const WAITED_MS = 2000;

type Counted = Pick<Store, 'search' | 'statistics' | 'shards'>;

/**
 * Keeps a deployment from more open Standard executions than it may have. They are counted once a second while executions are
 * started, and those started here since are added; so several processes may start some more than the limit. Children of Map Runs do not
 * count. An execution is among those that are counted once an engine has begun it; while engines are away or behind, what waits for
 * them is counted as well.
 */
export class OpenExecutions {
  readonly #store: Counted;
  readonly #limit: number;
  #open = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | undefined;

  constructor(store: Counted, limit: number) {
    this.#store = store;
    this.#limit = limit;
  }

  /**
   * Makes room for one more.
   *
   * @throws ApiError ExecutionLimitExceeded; StoreUnavailable
   */
  async admit(): Promise<void> {
    if (performance.now() - this.#countedMs > FRESH_MS) {
      const counting = this.#count();
      // With room to spare nobody waits for the count, or hears that it failed.
      if (this.#countedMs > 0 && this.#open < this.#limit / 2) counting.catch(() => undefined);
      else await counting;
    }
    if (this.#open >= this.#limit) {
      throw apiError(
        'ExecutionLimitExceeded',
        'The maximum number of running executions has been reached. Running executions must end or be stopped before a new ' +
          `execution can be started: ${this.#limit} may be open (STEPYARD_MAX_OPEN_EXECUTIONS).`,
      );
    }
    this.#open += 1;
  }

  #count(): Promise<void> {
    this.#counting ??= this.#read().finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  async #read(): Promise<void> {
    const askedMs = performance.now();
    const { search, statistics, shards } = this.#store;
    const numbers = Array.from({ length: shards.count }, (_, number) => number);
    const [{ statuses }, inShards] = await Promise.all([search.counts(), statistics.shards(numbers)]);
    const waiting = inShards.filter(({ inbox }) => inbox.oldestMs > WAITED_MS);
    this.#open = statuses.RUNNING + waiting.reduce((sum, { inbox }) => sum + inbox.entries, 0);
    this.#countedMs = askedMs;
  }
}
