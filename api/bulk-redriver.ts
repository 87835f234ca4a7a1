import type { ClaimedBulkRedrive } from '../engine/store/bulk-redrive-store.ts';
import { type AskedBulk, askedOf, type BulkProgress, isDone, nextPage, progressOf, withPage } from './bulk-redrive.ts';
import { apiError } from './errors.ts';
import { toldError } from './failures.ts';
import type { ApiDeps } from './operation.ts';
import { changeBy } from './redrive-edits.ts';
import { redrive } from './redriving.ts';

/** How it goes about it. */
export interface BulkPace {
  /** How long one that was taken is left to who has taken it. */
  readonly leaseMs: number;
  /** How often it is looked whether there is one to take. */
  readonly pollMs: number;
  /** Executions that are redriven in a second at most. */
  readonly perSecond: number;
}

const PACE: BulkPace = { leaseMs: 10_000, pollMs: 1000, perSecond: 200 };
/** Executions that are redriven at the same time. */
const LANES = 20;

type Deps = Pick<ApiDeps, 'store' | 'config' | 'jsonFault' | 'log'>;

/**
 * Redrives many executions, one set of them at a time, and goes on with what a dead process has left. Each execution's client token is the
 * id of the whole: so it is redriven once, by however many processes.
 */
export class BulkRedriver {
  readonly #deps: Deps;
  readonly #pace: BulkPace;
  readonly #stopping = new AbortController();
  #working: Promise<void> | undefined;

  constructor(deps: Deps, pace: BulkPace = PACE) {
    this.#deps = deps;
    this.#pace = pace;
  }

  start(): void {
    this.#working ??= this.#workOn();
  }

  /** Saves how far it is, for another process to go on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #workOn(): Promise<void> {
    while (!this.#isStopped) {
      const claim = await this.#claim();
      const done =
        claim &&
        (await this.#work(claim).then(
          () => true,
          (error: unknown) => this.#warn(claim, error),
        ));
      if (!done) await this.#pause(this.#pace.pollMs);
    }
  }

  /** Nothing while the store is away: others tell of that. */
  async #claim(): Promise<ClaimedBulkRedrive | undefined> {
    try {
      return await this.#deps.store.bulkRedrives.claim(this.#pace.leaseMs);
    } catch {
      return undefined;
    }
  }

  #warn({ id }: ClaimedBulkRedrive, error: unknown): false {
    this.#deps.log.warn({ redriveId: id, err: error }, 'a redrive of many executions is left for later');
    return false;
  }

  async #work(claim: ClaimedBulkRedrive): Promise<void> {
    const { bulkRedrives, search } = this.#deps.store;
    const asked = askedOf(claim);
    let progress = progressOf(claim);
    let cancelled = claim.cancelled;
    while (!cancelled && !isDone(progress, asked)) {
      if (this.#isStopped) return void (await bulkRedrives.save(claim, JSON.stringify(progress), 0));
      progress =
        progress.page.length > 0
          ? await this.#redrivePage(claim, asked, progress)
          : await nextPage(search, asked, progress, claim.createdMs);
      const saved = await bulkRedrives.save(claim, JSON.stringify(progress), this.#pace.leaseMs);
      if (saved === 'lost') return;
      cancelled = saved === 'cancelled';
    }
    const last = cancelled ? await this.#giveUpPage(claim.id, progress) : progress;
    const end = cancelled && !isDone(last, asked) ? 'CANCELLED' : 'COMPLETED';
    await bulkRedrives.save(claim, JSON.stringify(last), 0, end);
  }

  async #redrivePage(claim: ClaimedBulkRedrive, asked: AskedBulk, progress: BulkProgress): Promise<BulkProgress> {
    const reasons: (string | undefined)[] = [];
    for (let from = 0; from < progress.page.length; from += LANES) {
      const some = progress.page.slice(from, from + LANES);
      const pause = this.#pause((some.length / this.#pace.perSecond) * 1000);
      reasons.push(...(await Promise.all(some.map((executionArn) => this.#redriveOne(executionArn, claim, asked)))));
      await pause;
    }
    return withPage(progress, reasons);
  }

  /** Answers why it was refused. */
  async #redriveOne(
    executionArn: string,
    { id, createdMs }: ClaimedBulkRedrive,
    { edits, by }: AskedBulk,
  ): Promise<string | undefined> {
    const context = { ...this.#deps, reject: apiError };
    const change = changeBy(edits, context, by);
    try {
      await redrive(executionArn, id, context, async (execution) => {
        // Tokens are not remembered for ever: who goes on after a long time must not redrive again what was redriven and has failed again.
        if (execution.status !== 'RUNNING' && execution.stopMs > createdMs) {
          throw apiError(
            'ExecutionNotRedrivable',
            executionArn,
            'It has ended anew since all of them were to be redriven',
          );
        }
        return change ? change(execution) : {};
      });
      return undefined;
    } catch (error) {
      const told = toldError(error);
      if (told.type === 'ServiceUnavailable') throw error;
      if (told.status >= 500) this.#deps.log.error({ err: error, executionArn }, 'an execution could not be redriven');
      return told.message;
    }
  }

  /** Counts those of the page that a process has redriven before it died; the others are not found any more. */
  async #giveUpPage(id: string, progress: BulkProgress): Promise<BulkProgress> {
    const { executions } = this.#deps.store;
    const done = await Promise.all(progress.page.map((arn) => executions.redrive(arn, id, undefined)));
    const redriven = done.filter((answer) => typeof answer === 'object').length;
    const found = progress.found - progress.page.length + redriven;
    return { ...progress, page: [], found, redriven: progress.redriven + redriven };
  }

  /** Shorter when it is to stop. */
  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', over);
        resolve();
      };
      const timer = setTimeout(over, ms);
      signal.addEventListener('abort', over);
    });
  }
}
