import type { TaskId } from '../../schemas/task.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { type PermitAnswer, type PermitStore, RECHECK_MS } from '../store/permit-store.ts';
import { Waiters } from '../tasks/waiters.ts';

/** Polls of one process and activity that have a permit and no task yet. Others wait: who has permits has the tasks, too. */
const MAX_READING = 32;
/** How often permits that are held are renewed: several times within their lease. */
const RENEW_MS = 500;

export interface GatePorts {
  readonly permits: Pick<PermitStore, 'exchange'>;
  /** The name of this process, which no other has or had. */
  readonly process: string;
  /** Counts up over all gates of the process. */
  readonly nextSequence: () => number;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

/** With a permit, or without since the activity needs none any more. */
type Passed = 'permit' | 'open';

/** Something asked for that the next exchange tells. */
interface Told<T> {
  readonly id: TaskId;
  readonly tell: (answer: T) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Where the polls of one process wait until a task of an activity may be handed out. However many wait, one exchange with the store is under way
 * at a time, and it carries all that there is to say.
 */
export class Gate {
  readonly #activityArn: string;
  readonly #ports: GatePorts;
  readonly #waiters = new Waiters<Passed>();
  /** Permits that no poll has. */
  #free = 0;
  /** Permits of polls that wait for a task. */
  #reading = 0;
  /** Tasks handed out whose start is not recorded: if this process dies they are not in progress. */
  #unstarted = 0;
  #binds: Told<boolean>[] = [];
  #undos: Told<void>[] = [];
  /** There was no permit when it was last asked for, so that is not asked again before something happens. */
  #denied = false;
  #retryMs = RECHECK_MS;
  #woken = false;
  #renew = false;
  #isTalking = false;
  #talking = Promise.resolve();
  #callOff = () => {};
  #closed = false;

  constructor(activityArn: string, ports: GatePorts) {
    this.#activityArn = activityArn;
    this.#ports = ports;
  }

  /** Nobody needs it: a new one would do as well. */
  get idle(): boolean {
    const { size } = this.#waiters;
    return !this.#isTalking && size + this.#free + this.#reading + this.#unstarted + this.#undos.length === 0;
  }

  /** Waits for a permit; undefined when there is none in time. */
  pass(waitMs: number, signal: AbortSignal): Promise<Passed | undefined> {
    const passed = this.#waiters.wait(this.#closed ? 0 : waitMs, signal);
    this.#serve();
    return passed;
  }

  /** The poll that has a permit has got no task. */
  giveUp(): void {
    this.#reading -= 1;
    this.#free += 1;
    this.#serve();
  }

  /**
   * Whether the task may be handed out under the permit of a poll. The permit is the task's then; if not, it is gone.
   *
   * @throws StoreUnavailable when that cannot be found out; the permit is gone
   */
  bind(id: TaskId): Promise<boolean> {
    this.#reading -= 1;
    return this.#say((told) => this.#binds.push({ id, ...told }));
  }

  /** The task has reached its worker. */
  started(): void {
    this.#unstarted -= 1;
  }

  /** The task has not reached its worker: another may have it. Resolves when its permit is free. */
  async undo(id: TaskId): Promise<void> {
    this.#unstarted -= 1;
    await this.#say<void>((told) => this.#undos.push({ id, ...told }));
  }

  /** There may be permits again. */
  wake(): void {
    this.#woken = true;
    this.#denied = false;
    this.#ask();
  }

  /** Lets everybody go, and gives back what it has. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.dissolve();
    this.#callOff();
    await this.#talking;
    this.#renew = true;
    if (this.#free + this.#reading + this.#undos.length > 0) await this.#exchange();
  }

  async #say<T>(add: (told: Omit<Told<T>, 'id'>) => void): Promise<T> {
    const { promise, resolve: tell, reject: fail } = Promise.withResolvers<T>();
    add({ tell, fail });
    this.#ask();
    return promise;
  }

  /** Permits go to who waits longest; if anything is to be said then, it is. */
  #serve(): void {
    while (this.#free > 0 && this.#reading < MAX_READING && this.#waiters.hand('permit')) {
      this.#free -= 1;
      this.#reading += 1;
    }
    this.#ask();
  }

  get #wanted(): number {
    return Math.max(0, Math.min(this.#waiters.size, MAX_READING - this.#reading) - this.#free);
  }

  get #hasToSay(): boolean {
    if (this.#binds.length + this.#undos.length + this.#free > 0 || this.#renew) return true;
    return !this.#denied && !this.#closed && this.#wanted > 0;
  }

  #ask(): void {
    if (this.#isTalking || !this.#hasToSay) return;
    this.#isTalking = true;
    this.#talking = this.#talk();
  }

  async #talk(): Promise<void> {
    // What comes up in the same turn goes along.
    await Promise.resolve();
    while (this.#hasToSay) {
      // What a store refuses at once must not be asked again and again. Binds go on: each is asked for once.
      if (!(await this.#exchange()) && this.#binds.length === 0) break;
    }
    // In the same turn as the last look: what comes up from here on begins anew.
    this.#isTalking = false;
    this.#schedule();
  }

  /** Answers whether there was an answer. */
  async #exchange(): Promise<boolean> {
    const [binds, undos, want] = [this.#binds, this.#undos, this.#closed ? 0 : this.#wanted];
    [this.#binds, this.#undos] = [[], []];
    [this.#free, this.#denied, this.#woken, this.#renew] = [0, false, false, false];
    const { permits, process, nextSequence } = this.#ports;
    try {
      const answer = await permits.exchange(this.#activityArn, process, {
        sequence: nextSequence(),
        held: this.#reading + binds.length,
        want,
        bind: binds.map(({ id }) => id),
        undo: undos.map(({ id }) => id),
      });
      this.#hear(answer, want, binds);
      for (const { tell } of undos) tell();
      return true;
    } catch (error) {
      this.#fail(error, binds, undos);
      return false;
    }
  }

  #hear(answer: PermitAnswer | undefined, want: number, binds: readonly Told<boolean>[]): void {
    for (const [index, { tell }] of binds.entries()) {
      const isBound = answer ? answer.bound[index] === true : true;
      if (isBound) this.#unstarted += 1;
      tell(isBound);
    }
    if (!answer) {
      while (this.#waiters.hand('open'));
      return;
    }
    this.#free += answer.granted;
    if (answer.granted < want && !this.#woken) {
      this.#denied = true;
      this.#retryMs = Math.min(answer.retryMs ?? RECHECK_MS, RECHECK_MS);
    }
    this.#serve();
  }

  /** Whether it was done is not known: what was to be bound is undone with the next exchange, which says all that is held. */
  #fail(error: unknown, binds: readonly Told<boolean>[], undos: readonly Told<void>[]): void {
    this.#ports.log.warn({ err: error, activity: this.#activityArn }, 'permits could not be exchanged');
    for (const { id, fail } of binds) {
      this.#undos.push({ id, tell: () => undefined, fail: () => undefined });
      fail(error);
    }
    for (const { id, fail } of undos) {
      this.#undos.push({ id, tell: () => undefined, fail: () => undefined });
      fail(error);
    }
    this.#denied = true;
    this.#retryMs = RECHECK_MS;
  }

  /** The next time something is to be said although nobody asks. */
  #schedule(): void {
    this.#callOff();
    if (this.#closed || this.#isTalking) return;
    const holds = this.#reading + this.#unstarted + this.#undos.length > 0;
    const waits = this.#denied && this.#waiters.size > 0;
    if (!holds && !waits) return;
    const waitMs = waits ? this.#retryMs : RENEW_MS;
    this.#callOff = this.#ports.clock.after(waitMs, () => {
      this.#denied = false;
      this.#renew = holds;
      this.#ask();
    });
  }
}
