import { ApiError } from '../errors.ts';
import type { Log } from '../operation.ts';
import { ANYBODY, type Caller } from './caller.ts';

/** Something that was asked for, as the log tells it. */
export interface Act {
  readonly caller: Caller;
  readonly operation: string;
  readonly resource?: string | undefined;
  readonly requestId: string;
  /** The address of who asks, or of the proxy in front. */
  readonly from: string;
}

/** Refusals that are told at once, and how many more per second: a flood of them must not be one in the log. */
const BURST = 20;
const PER_SECOND = 5;

/** One line of log for every change, with who made it, and for refused requests. */
export class Audit {
  readonly #log: Log;
  #left = BURST;
  #filledMs = performance.now();
  #untold = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Does what was asked for and tells how it ended. As long as there are no keys, there is nobody to tell of. */
  async change<T>(act: Act, work: () => Promise<T>): Promise<T> {
    if (act.caller === ANYBODY) return work();
    try {
      const result = await work();
      this.changed(act, 'ok');
      return result;
    } catch (error) {
      this.changed(act, error instanceof ApiError ? error.type : 'InternalFailure');
      throw error;
    }
  }

  changed({ caller: { id, name, role }, ...act }: Act, outcome: string): void {
    this.#log.info({ audit: true, key: id, name, role, ...act, outcome }, 'change');
  }

  /** Tells of a request that was refused for who sent it, unless there are too many of them. */
  refused(act: Omit<Act, 'caller'> & { readonly key: string | undefined }, outcome: string): void {
    const now = performance.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#filledMs) * PER_SECOND) / 1000);
    this.#filledMs = now;
    if (this.#left < 1) {
      this.#untold += 1;
      return;
    }
    this.#left -= 1;
    const untold = this.#untold > 0 ? { untold: this.#untold } : {};
    this.#untold = 0;
    this.#log.warn({ audit: true, ...act, outcome, ...untold }, 'refused');
  }
}
