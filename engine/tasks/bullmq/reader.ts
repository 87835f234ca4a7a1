import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Job, Worker } from 'bullmq';
import type { TakenTask } from '../queue.ts';
import { Waiters } from '../waiters.ts';
import { HeldJobs } from './held-jobs.ts';
import { parseJobId } from './job-id.ts';
import { bullmqQueueName, type JobData, MAX_STALLED, type QueueContext } from './settings.ts';

/** Fetches in flight at a time while jobs flow. One at a time triples the latency under load. */
const MAX_FETCHES = 8;

/** After an error that is not the connection's (that one waits for Redis by itself), before the next attempt. */
const PAUSE_AFTER_ERROR_MS = 500;

/** How long a job that is done with waits for a fetch whose script can complete it. */
const FETCH_WITHIN_MS = 20;

/** How long closing waits for what Redis has not answered yet. */
const CLOSE_PATIENCE_MS = 1_000;

interface Finished {
  readonly job: Job<JobData>;
  /** To be called when it has gone. */
  readonly tell: () => void;
}

/**
 * Brings the jobs of one queue to the callers that wait in this process. One reader blocks in Redis while the
 * queue is empty; while jobs flow, several fetches run beside it. Nothing is fetched unless somebody waits.
 */
export class QueueReader {
  readonly #waiters = new Waiters<TakenTask>();
  readonly #context: QueueContext;
  readonly #worker: Worker<JobData>;
  readonly #held: HeldJobs;
  readonly #tokenPrefix = randomUUID();
  #tokens = 0;
  /** What is under way in Redis and may bring a job or give one back. */
  readonly #underWay = new Set<Promise<void>>();
  /** Fetches among them, without the blocking one. */
  #fetching = 0;
  /** How many fetches to have in flight: grows while they bring jobs, none once one came back empty. */
  #width = 0;
  /** Jobs that are done with but not completed yet. */
  readonly #finished: Finished[] = [];
  #completing: NodeJS.Timeout | undefined;
  #blocking = false;
  #closed = false;

  constructor(name: string, context: QueueContext) {
    this.#context = context;
    this.#worker = new Worker<JobData>(bullmqQueueName(name), null, {
      connection: context.connection,
      prefix: context.prefix,
      skipVersionCheck: true,
      autorun: false,
      lockDuration: context.lockMs,
      stalledInterval: context.lockMs / 2,
      maxStalledCount: MAX_STALLED,
    });
    this.#worker.on('error', context.onError);
    this.#worker.startStalledCheckTimer().catch(context.onError);
    this.#held = new HeldJobs(this.#worker, context);
  }

  /** Neither callers nor jobs in hand: it can be closed without anybody noticing. */
  get idle(): boolean {
    return this.#waiters.size === 0 && this.#held.size + this.#finished.length + this.#underWay.size === 0;
  }

  take(waitMs: number, signal: AbortSignal): Promise<TakenTask | undefined> {
    const taken = this.#waiters.wait(waitMs, signal);
    this.#pump();
    return taken;
  }

  /**
   * This process has just sent `count` jobs on the same connection: a fetch behind them finds them without being
   * woken. While jobs flow, the fetches of that flow find them and further ones would come back empty.
   */
  hint(count: number): void {
    if (this.#closed || this.#width > 0) return;
    const wanted = Math.min(count, this.#waiters.size - this.#fetching);
    for (let started = 0; started < wanted; started += 1) this.#fetch(false);
  }

  /** What is under way gets a moment to end, so that jobs which arrive now go back to their queue. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.dissolve();
    this.#completeAll();
    if (this.#context.connection.status === 'ready') {
      const patience = new AbortController();
      const settled = Promise.allSettled(this.#underWay).then(() => patience.abort());
      await Promise.race([settled, delay(CLOSE_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})]);
    }
    this.#held.close();
    // By force: the blocked read would hold a polite QUIT back for seconds.
    await this.#worker.close(true);
  }

  #pump(): void {
    if (this.#closed) return;
    const wanted = Math.min(this.#width, this.#waiters.size);
    while (this.#fetching < wanted) this.#fetch(true);
    if (this.#waiters.size > 0 && !this.#blocking) void this.#block();
  }

  /** @param guessed nobody said that there is a job: what comes of it tells whether to guess again */
  #fetch(guessed: boolean): void {
    this.#fetching += 1;
    const finished = this.#finished.pop();
    const fetch = finished
      ? this.#complete(finished, true)
      : this.#worker.getNextJob(this.#nextToken(), { block: false });
    void this.#track(
      fetch.then(
        (job) => this.#fetched(job, guessed),
        (error: unknown) => {
          this.#report(error);
          // The blocking reader goes on, so not trying again at once is enough.
          this.#fetched(undefined, true);
        },
      ),
    );
  }

  #fetched(job: Job<JobData> | undefined, guessed: boolean): void {
    this.#fetching -= 1;
    if (guessed) this.#learn(job !== undefined);
    if (job) this.#hand(job);
    this.#pump();
  }

  #learn(found: boolean): void {
    this.#width = found ? Math.min(MAX_FETCHES, Math.max(1, this.#width * 2)) : 0;
  }

  async #block(): Promise<void> {
    this.#blocking = true;
    let inARow = 0;
    while (this.#waiters.size > 0 && !this.#closed) {
      const job = await this.#blockingFetch();
      inARow = job ? inARow + 1 : 0;
      // One job is no flow yet: with few jobs and many callers, fetches beside this one would come back empty.
      if (inARow > 1) this.#learn(true);
      if (job) this.#hand(job);
      if (inARow > 1) this.#pump();
    }
    this.#blocking = false;
  }

  async #blockingFetch(): Promise<Job<JobData> | undefined> {
    try {
      return await this.#worker.getNextJob(this.#nextToken(), { block: true });
    } catch (error) {
      this.#report(error);
      await delay(PAUSE_AFTER_ERROR_MS);
      return undefined;
    }
  }

  #hand(job: Job<JobData>): void {
    this.#held.add(job);
    const id = parseJobId(job.id ?? '');
    if (!id) {
      this.#report(new Error(`Dropped job ${job.id} of queue ${this.#worker.name}: its id names no task`));
      void this.#done(job);
      return;
    }
    const giveBack = () => this.#track(this.#giveBack(job));
    const taken: TakenTask = {
      id,
      note: job.data?.note,
      keep: (note) => job.updateData({ note }),
      done: () => this.#done(job),
      giveBack,
    };
    // False: its caller went away while the job was on its way.
    if (!this.#waiters.hand(taken)) void giveBack();
  }

  /** The job goes with the next fetch, in one script, or by itself when none comes soon. Until then its lock keeps it. */
  async #done(job: Job<JobData>): Promise<void> {
    if (!this.#held.remove(job)) return;
    const gone = new Promise<void>((tell) => this.#finished.push({ job, tell }));
    this.#completing ??= setTimeout(() => this.#completeAll(), FETCH_WITHIN_MS);
    if (this.#closed) this.#completeAll();
    this.#pump();
    await gone;
  }

  #completeAll(): void {
    clearTimeout(this.#completing);
    this.#completing = undefined;
    for (const finished of this.#finished.splice(0)) void this.#track(this.#complete(finished, false).then(() => {}));
  }

  /** Completes a job; the same script brings the next one, if that is asked for. */
  async #complete({ job, tell }: Finished, fetchNext: boolean): Promise<Job<JobData> | undefined> {
    const token = job.token ?? '';
    try {
      return this.#nextJob(await job.moveToCompleted(undefined, token, fetchNext), token);
    } catch (error) {
      this.#lost(job, error);
      return undefined;
    } finally {
      tell();
    }
  }

  #nextJob(answer: unknown, token: string): Job<JobData> | undefined {
    const [json, id] = Array.isArray(answer) ? answer : [];
    if (!json) return undefined;
    const job = Job.fromJSON<JobData>(this.#worker, json, String(id));
    job.token = token;
    return job;
  }

  /** To the front of the queue: whoever waits next, here or in another process, gets it. */
  async #giveBack(job: Job<JobData>): Promise<void> {
    if (!this.#held.remove(job)) return;
    try {
      await job.moveToWait(job.token ?? '');
      // BullMQ wakes nobody for a job that comes back with a priority.
      if (job.priority > 0) await this.#context.connection.zadd(this.#worker.toKey('marker'), 0, '0');
      this.hint(1);
    } catch (error) {
      this.#lost(job, error);
    }
  }

  /** The job is gone or somebody else's, or it comes again when its lock expires: nothing that its holder could act on. */
  #lost(job: Job<JobData>, error: unknown): void {
    this.#report(new Error(`Could not let go of job ${job.id}`, { cause: error }));
  }

  #report(error: unknown): void {
    if (!this.#closed) this.#context.onError(error instanceof Error ? error : new Error(String(error)));
  }

  #track(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
    return work;
  }

  #nextToken(): string {
    this.#tokens += 1;
    return `${this.#tokenPrefix}.${this.#tokens}`;
  }
}
