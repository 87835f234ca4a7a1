import type { ApiClient } from './api-client.ts';
import { inLanes, openExecutions, type Start, startByName } from './run.ts';
import { until } from './until.ts';

const STARTING_AT_ONCE = 8;

/** Many executions on their way: so many are open at a time. What has been done so far triggers what a test does meanwhile. */
export class Crowd {
  readonly #api: ApiClient;
  readonly #starts: readonly Start[];
  readonly #atOnce: number;
  #started = 0;
  #open = 0;

  constructor(api: ApiClient, starts: readonly Start[], atOnce: number) {
    this.#api = api;
    this.#starts = starts;
    this.#atOnce = atOnce;
  }

  /** Counts starts and ends. */
  get progress(): number {
    return this.#started + this.closed;
  }

  get closed(): number {
    return this.#started - this.#open;
  }

  /** Starts all and waits until all have ended. Answers their ARNs in order. */
  async run(): Promise<string[]> {
    const starting = inLanes(this.#starts, STARTING_AT_ONCE, async (start) => {
      await until('there is room for another execution', () => this.#open < this.#atOnce);
      // Twice, as impatient clients do: it is one execution all the same.
      const [arn] = await Promise.all([startByName(this.#api, start), startByName(this.#api, start)]);
      this.#started += 1;
      this.#open += 1;
      return arn;
    });
    const [arns] = await Promise.all([starting, this.#watch()]);
    return arns;
  }

  async #watch(): Promise<void> {
    const machines = new Set(this.#starts.map(({ stateMachineArn }) => stateMachineArn));
    await until('all executions end', async () => {
      const before = this.#started;
      const open = await Promise.all([...machines].map((arn) => openExecutions(this.#api, arn)));
      this.#open = open.flat().length + this.#started - before;
      return this.closed === this.#starts.length;
    });
  }
}
