import { type ActivitySettings, needsPermits } from '../../schemas/activity.ts';
import { type Clock, repeat } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { PermitStore } from '../store/permit-store.ts';

/** How often is asked whether settings have changed: they are to take effect within a second. */
const ASK_MS = 500;

/** A wait that ends when limits of its activity come. */
interface Turn {
  readonly signal: AbortSignal;
  /** Whether it ended since limits came. */
  readonly changed: boolean;
  end(): void;
}

interface WatchPorts {
  readonly permits: Pick<PermitStore, 'settings'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

/** The settings of all activities that have any, as they were at most half a second ago: one small question for all of them. */
export class ActivitySettingsWatch {
  readonly #ports: WatchPorts;
  #settings = new Map<string, ActivitySettings>();
  #reading: Promise<void> | undefined;
  /** What waits without a permit, by activity. */
  readonly #turns = new Map<string, Set<() => void>>();
  #version = 'none';
  /** How often somebody has told otherwise. */
  #learnt = 0;
  #asking: { stop(): Promise<void> } | undefined;
  #away = false;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  /** @throws StoreUnavailable when they cannot be read at first */
  async start(): Promise<void> {
    await this.refresh();
    this.#asking = repeat(this.#ports.clock, ASK_MS, () => this.#ask());
  }

  async stop(): Promise<void> {
    await this.#asking?.stop();
  }

  of(activityArn: string): ActivitySettings | undefined {
    return this.#settings.get(activityArn);
  }

  /** Somebody has read what an activity's settings are. */
  learn(activityArn: string, { limits, paused }: ActivitySettings): void {
    const learnt = limits || paused ? { ...(limits && { limits }), ...(paused && { paused }) } : undefined;
    const known = this.#settings.get(activityArn);
    if (known === learnt || JSON.stringify(known) === JSON.stringify(learnt)) return;
    if (learnt) this.#settings.set(activityArn, learnt);
    else this.#settings.delete(activityArn);
    // One of the two is newer.
    this.#version = 'none';
    this.#learnt += 1;
    this.#endTurns(activityArn);
  }

  /** Reads them now. @throws StoreUnavailable */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Follows `signal`, and ends when the activity gets limits. */
  turn(activityArn: string, signal: AbortSignal): Turn {
    const controller = new AbortController();
    const follow = () => controller.abort();
    if (signal.aborted) follow();
    signal.addEventListener('abort', follow, { once: true });
    const turns = this.#turns.get(activityArn) ?? new Set();
    this.#turns.set(activityArn, turns);
    const turn = {
      signal: controller.signal,
      changed: false,
      end: () => {
        turns.delete(change);
        if (turns.size === 0) this.#turns.delete(activityArn);
        signal.removeEventListener('abort', follow);
      },
    };
    const change = () => {
      turn.changed = true;
      controller.abort();
    };
    turns.add(change);
    return turn;
  }

  async #ask(): Promise<void> {
    try {
      await this.refresh();
      this.#away = false;
    } catch (error) {
      if (!this.#away) this.#ports.log.warn({ err: error }, 'settings of activities cannot be read; trying again');
      this.#away = true;
    }
  }

  async #read(): Promise<void> {
    const learnt = this.#learnt;
    const read = await this.#ports.permits.settings(this.#version);
    // What was learnt meanwhile may be newer: the next answer will tell.
    if (!read || learnt !== this.#learnt) return;
    this.#version = read.version;
    this.#settings = new Map(read.settings);
    for (const activityArn of this.#turns.keys()) this.#endTurns(activityArn);
  }

  #endTurns(activityArn: string): void {
    const turns = this.#turns.get(activityArn);
    const settings = this.#settings.get(activityArn);
    if (turns && settings && needsPermits(settings)) for (const end of [...turns]) end();
  }
}
