import { mergeWorkers, POLLS_TTL_MS, type PollReport, type PollStore, type PollSummary } from '../poll-store.ts';
import type { StoreClock } from './clock.ts';

interface Told {
  readonly polls: ReadonlyMap<string, PollReport>;
  readonly ms: number;
}

export class MemoryPolls implements PollStore {
  readonly #clock: StoreClock;
  readonly #processes = new Map<string, Told>();
  readonly #handOuts = new Map<string, number>();

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async report(process: string, polls: ReadonlyMap<string, PollReport>): Promise<void> {
    const ms = this.#clock.now();
    this.#processes.set(process, { polls: structuredClone(polls), ms });
    for (const [arn, { handOutAgoMs }] of polls) {
      if (handOutAgoMs === undefined) continue;
      this.#handOuts.set(arn, Math.max(this.#handOuts.get(arn) ?? 0, ms - Math.round(handOutAgoMs)));
    }
  }

  /** The activity is gone. */
  forget(activityArn: string): void {
    this.#handOuts.delete(activityArn);
  }

  async read(activityArns: readonly string[]): Promise<ReadonlyMap<string, PollSummary>> {
    const now = this.#clock.now();
    const summaries = new Map<string, PollSummary>();
    for (const arn of activityArns) {
      const told = [...this.#processes.values()].filter(({ polls, ms }) => polls.has(arn) && ms + POLLS_TTL_MS > now);
      const handOutMs = this.#handOuts.get(arn);
      if (told.length === 0 && handOutMs === undefined) continue;
      const workers = told.flatMap(({ polls, ms }) =>
        (polls.get(arn)?.workers ?? []).map(({ name, agoMs }) => ({ name, seenMs: ms - Math.round(agoMs) })),
      );
      summaries.set(arn, {
        waiting: told.reduce((sum, { polls }) => sum + (polls.get(arn)?.waiting ?? 0), 0),
        workers: mergeWorkers(workers),
        ...(handOutMs !== undefined && { handOutMs }),
      });
    }
    return summaries;
  }
}
