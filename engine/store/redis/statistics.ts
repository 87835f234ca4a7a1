import type { Redis } from 'ioredis';
import type { ShardStatistics, StoreCondition, StoreStatistics } from '../statistics.ts';
import { StoreUnavailable } from '../store.ts';
import { decodeTime } from './codec.ts';
import type { RegistryKeys, ShardKeys } from './keys.ts';
import { asList, asNumber, asText, call, run, scripts } from './scripts.ts';
import { readServerInfo } from './server-info.ts';

const PROBE_MS = 60_000;

export class RedisStatistics implements StoreStatistics {
  readonly #redis: Redis;
  readonly #keys: readonly ShardKeys[];
  readonly #registry: Pick<RegistryKeys, 'probe'>;

  constructor(redis: Redis, keys: readonly ShardKeys[], registry: Pick<RegistryKeys, 'probe'>) {
    this.#redis = redis;
    this.#keys = keys;
    this.#registry = registry;
  }

  shards(numbers: readonly number[]): Promise<readonly ShardStatistics[]> {
    return Promise.all(this.#keysOf(numbers).map((keys) => this.#shard(keys)));
  }

  async #shard({ shard, lease, inbox, outbox, timers }: ShardKeys): Promise<ShardStatistics> {
    const reply = asList(await run(this.#redis, scripts.shardStatistics, [lease, inbox, outbox, timers], []));
    const owner = asText(reply[0]);
    const [leftMs = 0, entries = 0, oldestMs = 0, outboxTasks = 0, all = 0, due = 0] = reply.slice(1).map(asNumber);
    return {
      shard,
      lease: owner === '' || leftMs <= 0 ? undefined : { owner, leftMs },
      inbox: { entries, oldestMs },
      outboxTasks,
      timers: all,
      timersDue: due,
    };
  }

  openExecutions(stateMachineArns: readonly string[], shards: readonly number[]): Promise<readonly number[]> {
    const keys = this.#keysOf(shards);
    return Promise.all(
      stateMachineArns.map(async (arn) => {
        const counts = await Promise.all(keys.map(({ index }) => call(this.#redis, 'ZCARD', [index(arn, 'RUNNING')])));
        return counts.reduce<number>((sum, count) => sum + asNumber(count), 0);
      }),
    );
  }

  async condition(tryWriting: boolean): Promise<StoreCondition> {
    const askedMs = performance.now();
    const time = await call(this.#redis, 'TIME', []);
    const roundTripMs = performance.now() - askedMs;
    const [text, refusal] = await Promise.all([
      call(this.#redis, 'INFO', []),
      tryWriting ? this.#refusal() : Promise.resolve(undefined),
    ]);
    const { server, evictionPolicy, log, lastWriteOk, usedBytes, limitBytes } = readServerInfo(asText(text));
    return {
      server,
      persistence: log === undefined ? undefined : { log, lastWriteOk },
      evictionPolicy,
      memory: usedBytes === undefined ? undefined : { usedBytes, limitBytes },
      refusal,
      clockMs: decodeTime(time),
      roundTripMs,
    };
  }

  /** Why a write fails; undefined when it does not. */
  async #refusal(): Promise<string | undefined> {
    try {
      await call(this.#redis, 'SET', [this.#registry.probe, '', 'PX', PROBE_MS]);
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return error.message;
    }
  }

  #keysOf(numbers: readonly number[]): readonly ShardKeys[] {
    return numbers.flatMap((number) => this.#keys[number] ?? []);
  }
}
