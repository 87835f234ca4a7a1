import { type Clock, repeat } from '../runtime/clock.ts';
import type { PollReport, PollStore } from '../store/poll-store.ts';

/** How often a process tells of its polls, if there is anything to tell. */
const REPORT_MS = 3_000;
/** How long the name of a worker is told after its last poll. */
const SEEN_MS = 300_000;
/** Names told of one activity. */
const MAX_WORKERS = 100;

interface Tally {
  waiting: number;
  /** When each was seen, the latest last. */
  readonly workers: Map<string, number>;
  handOutMs: number | undefined;
}

/** Counts the polls of this process by activity, and tells the store every few seconds: on the way of no poll. */
export class PollTally {
  readonly #clock: Clock;
  readonly #tallies = new Map<string, Tally>();
  readonly #reporting: { stop(): Promise<void> };
  readonly #report: (polls: ReadonlyMap<string, PollReport>) => Promise<void>;
  #told = 0;

  constructor(polls: Pick<PollStore, 'report'>, process: string, clock: Clock) {
    this.#clock = clock;
    this.#report = (reports) => polls.report(process, reports);
    this.#reporting = repeat(clock, REPORT_MS, () => this.#tell());
  }

  async stop(): Promise<void> {
    await this.#reporting.stop();
    this.#tallies.clear();
    await this.#tell();
  }

  /** A poll begins to wait. Returns how to tell that it waits no more. */
  wait(activityArn: string, workerName: string | undefined): () => void {
    const tally = this.#tallyOf(activityArn);
    tally.waiting += 1;
    if (workerName !== undefined) {
      tally.workers.delete(workerName);
      tally.workers.set(workerName, this.#clock.now());
      const [oldest] = tally.workers.keys();
      if (tally.workers.size > MAX_WORKERS && oldest !== undefined) tally.workers.delete(oldest);
    }
    return () => {
      tally.waiting -= 1;
    };
  }

  handedOut(activityArn: string): void {
    this.#tallyOf(activityArn).handOutMs = this.#clock.now();
  }

  #tallyOf(activityArn: string): Tally {
    const known = this.#tallies.get(activityArn);
    if (known) return known;
    const tally: Tally = { waiting: 0, workers: new Map(), handOutMs: undefined };
    this.#tallies.set(activityArn, tally);
    return tally;
  }

  async #tell(): Promise<void> {
    this.#forget();
    // Once more when there is nothing left, so that what was told goes.
    if (this.#tallies.size + this.#told === 0) return;
    const now = this.#clock.now();
    const reports = new Map<string, PollReport>();
    for (const [arn, { waiting, workers, handOutMs }] of this.#tallies) {
      reports.set(arn, {
        waiting,
        workers: [...workers].map(([name, ms]) => ({ name, agoMs: now - ms })),
        ...(handOutMs !== undefined && { handOutAgoMs: now - handOutMs }),
      });
    }
    // If it does not get there, the next one will.
    await this.#report(reports).catch(() => undefined);
    this.#told = reports.size;
  }

  /** What was long ago: then nothing is left to tell of an activity. */
  #forget(): void {
    const before = this.#clock.now() - SEEN_MS;
    for (const [arn, tally] of this.#tallies) {
      for (const [name, ms] of tally.workers) if (ms <= before) tally.workers.delete(name);
      const isQuiet = tally.waiting + tally.workers.size === 0;
      if (isQuiet && (tally.handOutMs ?? 0) <= before) this.#tallies.delete(arn);
    }
  }
}
