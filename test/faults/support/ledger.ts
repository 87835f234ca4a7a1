import { Redis } from 'ioredis';

/** What workers note down of what they did, in a Redis that no test touches. */

const KEYS = { delivered: 'delivered', accepted: 'accepted', attempts: 'attempts', results: 'results' } as const;

/** What the workers say: to be compared with what the histories say. */
export interface Books {
  /** How many answers of workers were accepted, by token. */
  readonly accepted: ReadonlyMap<string, number>;
  /** The result that was accepted, by token: a name that only its sender knows. */
  readonly results: ReadonlyMap<string, string>;
  /** How often a task reached a worker, by token. */
  readonly delivered: ReadonlyMap<string, number>;
}

export class Ledger {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url, { maxRetriesPerRequest: null });
    this.#redis.on('error', () => {});
  }

  /** A worker has the task in hand. Answers how often the piece of work was begun, this time included. */
  async begin(token: string, key: string): Promise<number> {
    const [, attempts] = await Promise.all([
      this.#redis.hincrby(KEYS.delivered, token, 1),
      this.#redis.hincrby(KEYS.attempts, key, 1),
    ]);
    return attempts;
  }

  /** The server has said that it took this result. */
  async accept(token: string, result: string): Promise<void> {
    await this.#redis.multi().hincrby(KEYS.accepted, token, 1).hset(KEYS.results, token, result).exec();
  }

  async read(): Promise<Books> {
    const [accepted, results, delivered] = await Promise.all([
      this.#redis.hgetall(KEYS.accepted),
      this.#redis.hgetall(KEYS.results),
      this.#redis.hgetall(KEYS.delivered),
    ]);
    return { accepted: counts(accepted), results: new Map(Object.entries(results)), delivered: counts(delivered) };
  }

  close(): void {
    this.#redis.disconnect();
  }
}

const counts = (hash: Readonly<Record<string, string>>): Map<string, number> =>
  new Map(Object.entries(hash).map(([field, count]) => [field, Number(count)]));
