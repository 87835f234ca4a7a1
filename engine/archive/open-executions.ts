import { executionKey } from './archive-key.ts';
import type { ArchiveStore } from './archive-store.ts';
import { createLanes } from './lanes.ts';
import { type OpenExecution, openExecution } from './read-execution.ts';

/** Archived executions that somebody looks at: kept for a moment, since who describes one reads its history next, page by page. */

const MOST_OPEN = 32;
const OPEN_MS = 10_000;
/** What is not there may come, and is asked for again and again by who polls. */
const MOST_MISSES = 10_000;
const MISS_MS = 5_000;
/** Objects that are looked up at a time: each asks for 64 KiB, or a request for a name that nobody has. */
const LOOKUPS = 16;
const MOST_WAITING = 1_000;
/** Who asks is not to wait for as long as a storage may take that does not answer. */
const ANSWER_MS = 10_000;

interface Entry {
  readonly untilMs: number;
  readonly execution: OpenExecution | undefined;
}

export class OpenExecutions {
  readonly #store: ArchiveStore;
  readonly #nowMs: () => number;
  /** By ARN, the one used last at the end. */
  readonly #open = new Map<string, Entry>();
  readonly #misses = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<OpenExecution | undefined>>();
  readonly #inLane = createLanes(LOOKUPS, MOST_WAITING);

  /** @param nowMs milliseconds from any beginning */
  constructor(store: ArchiveStore, nowMs: () => number = () => performance.now()) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** @throws ObjectStoreError when the storage is away; Error when too many are looked up */
  async find(executionArn: string): Promise<OpenExecution | undefined> {
    const known = this.#open.get(executionArn) ?? this.#misses.get(executionArn);
    if (known && known.untilMs > this.#nowMs()) return known.execution;
    this.forget(executionArn);
    let lookup = this.#underWay.get(executionArn);
    if (!lookup) {
      lookup = this.#lookUp(executionArn).finally(() => this.#underWay.delete(executionArn));
      this.#underWay.set(executionArn, lookup);
    }
    return lookup;
  }

  forget(executionArn: string): void {
    this.#open.delete(executionArn);
    this.#misses.delete(executionArn);
  }

  /** One that was found a moment ago. */
  seen(executionArn: string): OpenExecution | undefined {
    return this.#open.get(executionArn)?.execution;
  }

  /** Of all that are open. */
  get all(): OpenExecution[] {
    return [...this.#open.values()].flatMap(({ execution }) => execution ?? []);
  }

  async #lookUp(executionArn: string): Promise<OpenExecution | undefined> {
    const key = executionKey(executionArn);
    const execution = await this.#inLane(() => answered(openExecution(this.#store, key)));
    if (execution) remember(this.#open, MOST_OPEN, executionArn, { execution, untilMs: this.#nowMs() + OPEN_MS });
    else remember(this.#misses, MOST_MISSES, executionArn, { execution, untilMs: this.#nowMs() + MISS_MS });
    return execution;
  }
}

/** @throws Error when that takes too long */
function answered<T>(opening: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    opening.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function remember(entries: Map<string, Entry>, most: number, executionArn: string, entry: Entry): void {
  entries.set(executionArn, entry);
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}
