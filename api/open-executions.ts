import type { Store } from '../engine/store/store.ts';
import { apiError } from './errors.ts';

/** How old a count may be, in milliseconds. */
const FRESH_MS = 1000;

/**
 * Keeps a deployment from more open Standard executions than it may have. They are counted once a second while executions are
 * started, and those started here since are added; so several processes may start some more than the limit. Children of Map Runs do not
 * count.
 */
export class OpenExecutions {
  readonly #search: Pick<Store['search'], 'counts'>;
  readonly #limit: number;
  #open = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | undefined;

  constructor(search: Pick<Store['search'], 'counts'>, limit: number) {
    this.#search = search;
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
    const { statuses } = await this.#search.counts();
    this.#open = statuses.RUNNING;
    this.#countedMs = askedMs;
  }
}
