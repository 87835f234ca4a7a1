import { type ActivityLimits, type ActivitySettings, burstOf, needsPermits } from '../../../schemas/activity.ts';
import type { ExecutionId, TaskId } from '../../../schemas/task.ts';
import { splitMember, taskMember } from '../member.ts';
import {
  CHECKED_AT_ONCE,
  PERMIT_LEASE_MS,
  type PermitAnswer,
  type PermitAsk,
  type PermitStore,
  RECHECK_MS,
  type SettingsList,
} from '../permit-store.ts';
import type { StoreClock } from './clock.ts';
import type { KeptTask } from './state.ts';

/** What a process holds of the permits of one activity. */
interface Holding {
  held: number;
  expiresMs: number;
  sequence: number;
  answer: PermitAnswer;
}

interface Bound {
  process: string;
  checkedMs: number;
}

/** The permits of one activity. */
interface Pool {
  readonly holdings: Map<string, Holding>;
  /** By {@link taskMember}, in the order of the last look at them. */
  readonly bound: Map<string, Bound>;
  /** What may be handed out by the rate, at an instant; without a rate all. */
  tokens: number;
  filledMs: number;
}

type TaskOf = (id: ExecutionId, visit: number) => KeptTask | undefined;

/** The same steps as `exchange-permits.lua`, `due-permits.lua` and `free-permits.lua`. */
export class MemoryPermits implements PermitStore {
  readonly #clock: StoreClock;
  readonly #taskOf: TaskOf;
  readonly #settings = new Map<string, ActivitySettings>();
  readonly #pools = new Map<string, Pool>();
  readonly #listeners = new Set<(activityArn: string) => void>();
  #version = 0;

  constructor(clock: StoreClock, taskOf: TaskOf) {
    this.#clock = clock;
    this.#taskOf = taskOf;
  }

  async exchange(activityArn: string, process: string, ask: PermitAsk): Promise<PermitAnswer | undefined> {
    const settings = this.#settings.get(activityArn);
    if (!settings || !needsPermits(settings)) return undefined;
    const pool = this.#poolOf(activityArn);
    let back = this.#expire(pool);
    const known = pool.holdings.get(process);
    if (known?.sequence === ask.sequence) return known.answer;
    const held = Math.min(known?.held ?? 0, ask.held);
    back += (known?.held ?? 0) - held;
    const holding: Holding = {
      held,
      expiresMs: this.#clock.now() + PERMIT_LEASE_MS,
      sequence: ask.sequence,
      answer: { granted: 0, bound: [], retryMs: undefined },
    };
    pool.holdings.set(process, holding);
    this.#fill(pool, settings.limits ?? {}, back);
    // Its share of the rate is used up: what was not used meanwhile may have been given to others.
    for (const id of ask.undo) if (unbind(pool, taskMember(id.executionId, id.visit), process)) back += 1;
    const bound = ask.bind.map((id) => this.#bind(pool, settings, process, id));
    cap(pool, settings.limits ?? {});
    const { granted, retryMs } = this.#grant(pool, settings, holding, ask.want);
    holding.answer = { granted, bound, retryMs };
    if (granted < ask.want && retryMs === undefined) this.#check(activityArn, RECHECK_MS);
    if (back > granted) this.tell(activityArn);
    return holding.answer;
  }

  async inProgress(activityArn: string): Promise<number> {
    this.#check(activityArn, RECHECK_MS);
    return this.#pools.get(activityArn)?.bound.size ?? 0;
  }

  async listen(hear: (activityArn: string) => void): Promise<void> {
    this.#listeners.add(hear);
  }

  async settings(version: string): Promise<SettingsList | undefined> {
    const current = String(this.#version);
    return current === version ? undefined : { version: current, settings: new Map(this.#settings) };
  }

  /** The task has ended. */
  free(activityArn: string, { executionId, visit }: TaskId): void {
    const pool = this.#pools.get(activityArn);
    if (pool && unbind(pool, taskMember(executionId, visit))) this.tell(activityArn);
  }

  /** @param settings undefined when the activity is gone */
  change(activityArn: string, settings: ActivitySettings | undefined): void {
    this.#version += 1;
    if (settings) this.#settings.set(activityArn, settings);
    else this.#settings.delete(activityArn);
    if (!settings || !needsPermits({ ...(settings.limits && { limits: settings.limits }) })) {
      this.#pools.delete(activityArn);
    }
    this.tell(activityArn);
  }

  tell(activityArn: string): void {
    for (const hear of this.#listeners) hear(activityArn);
  }

  #poolOf(activityArn: string): Pool {
    const known = this.#pools.get(activityArn);
    if (known) return known;
    const pool: Pool = {
      holdings: new Map(),
      bound: new Map(),
      tokens: Number.POSITIVE_INFINITY,
      filledMs: this.#clock.now(),
    };
    this.#pools.set(activityArn, pool);
    return pool;
  }

  /** Answers how many permits silent processes have left behind. */
  #expire(pool: Pool): number {
    let back = 0;
    for (const [process, { held, expiresMs }] of pool.holdings) {
      if (expiresMs > this.#clock.now()) continue;
      pool.holdings.delete(process);
      back += held;
    }
    return back;
  }

  #fill(pool: Pool, limits: ActivityLimits, back: number): void {
    const now = this.#clock.now();
    const { ratePerSecond } = limits;
    if (ratePerSecond === undefined) pool.tokens = Number.POSITIVE_INFINITY;
    else pool.tokens += back + (Math.max(0, now - pool.filledMs) / 1000) * ratePerSecond;
    pool.filledMs = now;
    cap(pool, limits);
  }

  #bind(pool: Pool, { limits = {}, paused }: ActivitySettings, process: string, id: TaskId): boolean {
    const member = taskMember(id.executionId, id.visit);
    const holding = pool.holdings.get(process);
    if (!holding || holding.held === 0) return false;
    const isBound = pool.bound.has(member);
    const fits = isBound || pool.bound.size < (limits.maxConcurrency ?? Number.POSITIVE_INFINITY);
    const isAllowed = paused !== true && fits && heldOf(pool) <= burstIn(limits);
    holding.held -= 1;
    if (!isAllowed) pool.tokens += 1;
    else touch(pool, member, { process, checkedMs: this.#clock.now() });
    return isAllowed;
  }

  #grant(pool: Pool, { limits = {}, paused }: ActivitySettings, holding: Holding, want: number) {
    if (paused) return { granted: 0, retryMs: undefined };
    const max = limits.maxConcurrency ?? Number.POSITIVE_INFINITY;
    const rate = limits.ratePerSecond;
    const granted = Math.max(0, Math.min(want, max - pool.bound.size - heldOf(pool), Math.floor(pool.tokens)));
    holding.held += granted;
    pool.tokens -= granted;
    const held = heldOf(pool);
    const isTooSoon = granted < want && pool.bound.size + held < max && held < burstIn(limits);
    if (rate === undefined || !isTooSoon) return { granted, retryMs: undefined };
    return { granted, retryMs: Math.max(1, Math.ceil(((1 - pool.tokens) / rate) * 1000)) };
  }

  #check(activityArn: string, sinceMs: number): void {
    const pool = this.#pools.get(activityArn);
    if (!pool) return;
    const now = this.#clock.now();
    const due = [...pool.bound].filter(([, { checkedMs }]) => checkedMs <= now - sinceMs).slice(0, CHECKED_AT_ONCE);
    let freed = 0;
    for (const [member, { process }] of due) {
      touch(pool, member, { process, checkedMs: now });
      const { id, visit } = splitMember(member);
      const task = this.#taskOf(id, visit);
      const lives = (pool.holdings.get(process)?.expiresMs ?? 0) > now;
      if (task?.state === 'started' || (task && lives)) continue;
      pool.bound.delete(member);
      freed += 1;
    }
    if (freed > 0) this.tell(activityArn);
  }
}

const burstIn = (limits: ActivityLimits): number =>
  limits.ratePerSecond === undefined ? Number.POSITIVE_INFINITY : burstOf(limits);

/** Permits that processes hold: each is a hand-out that may come at any moment, so it counts as one that was not used. */
function heldOf({ holdings }: Pool): number {
  let held = 0;
  for (const each of holdings.values()) held += each.held;
  return held;
}

function cap(pool: Pool, limits: ActivityLimits): void {
  pool.tokens = Math.max(0, Math.min(pool.tokens, burstIn(limits) - heldOf(pool)));
}

/** Puts it behind the others. */
function touch(pool: Pool, member: string, bound: Bound): void {
  pool.bound.delete(member);
  pool.bound.set(member, bound);
}

/** @param process that must have bound it; whichever when left out */
function unbind(pool: Pool, member: string, process?: string): boolean {
  if (process !== undefined && pool.bound.get(member)?.process !== process) return false;
  return pool.bound.delete(member);
}
