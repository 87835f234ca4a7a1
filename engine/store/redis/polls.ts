import type { Redis } from 'ioredis';
import { mergeWorkers, POLLS_TTL_MS, type PollReport, type PollStore, type PollSummary } from '../poll-store.ts';
import { decodeTime } from './codec.ts';
import type { RegistryKeys } from './keys.ts';
import { asList, asText, call, type Reply, run, scripts } from './scripts.ts';

type Keys = Pick<RegistryKeys, 'pollers' | 'polls' | 'handOuts'>;

export class RedisPolls implements PollStore {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async report(process: string, polls: ReadonlyMap<string, PollReport>): Promise<void> {
    const { pollers, handOuts } = this.#keys;
    const rows = [...polls].flatMap(([arn, { waiting, workers, handOutAgoMs }]) => [
      arn,
      waiting,
      handOutAgoMs === undefined ? '' : Math.round(handOutAgoMs),
      JSON.stringify(workers.map(({ name, agoMs }) => [name, Math.round(agoMs)])),
    ]);
    const keys = [pollers, this.#keys.polls(process), handOuts];
    await run(this.#redis, scripts.reportPolls, keys, [process, POLLS_TTL_MS, ...rows]);
  }

  async read(activityArns: readonly string[]): Promise<ReadonlyMap<string, PollSummary>> {
    const { pollers, polls, handOuts } = this.#keys;
    if (activityArns.length === 0) return new Map();
    const now = decodeTime(await call(this.#redis, 'TIME', []));
    const processes = asList(await call(this.#redis, 'ZRANGEBYSCORE', [pollers, now, '+inf'])).map(asText);
    const columns = await Promise.all(
      [handOuts, ...processes.map(polls)].map((key) => call(this.#redis, 'HMGET', [key, ...activityArns])),
    );
    const [lastHandOuts, ...told] = columns.map(asList);
    const summaries = activityArns.flatMap((arn, index): [string, PollSummary][] => {
      const summary = summarize(
        told.map((column) => column[index] ?? null),
        lastHandOuts?.[index] ?? null,
      );
      return summary ? [[arn, summary]] : [];
    });
    return new Map(summaries);
  }
}

/** @param told by each process, if it knows the activity: `<waiting> <ms> <workers>` */
function summarize(told: readonly Reply[], handOut: Reply): PollSummary | undefined {
  const known = told.filter((row) => row !== null).map(asText);
  if (known.length === 0 && handOut === null) return undefined;
  let waiting = 0;
  const workers: { name: string; seenMs: number }[] = [];
  for (const row of known) {
    const [, count, ms, seen = '[]'] = /^(\d+) (\d+) (.*)$/s.exec(row) ?? [];
    waiting += Number(count);
    for (const [name, agoMs] of JSON.parse(seen) as [string, number][])
      workers.push({ name, seenMs: Number(ms) - agoMs });
  }
  return { waiting, workers: mergeWorkers(workers), ...(handOut !== null && { handOutMs: Number(asText(handOut)) }) };
}
