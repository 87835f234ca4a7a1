import type { ActivitySettings } from '../../schemas/activity.ts';
import type { TaskId } from '../../schemas/task.ts';

/**
 * Permits to hand out tasks of activities that have limits. A process takes permits for its polls, binds one to each task that it hands out,
 * and gives back what it has no use for. A bound permit is free again when its task has ended.
 *
 * At no time are more permits held and bound than `maxConcurrency`, nor may more be bound in a time of t seconds than `burst` and
 * `ratePerSecond` times t.
 */
export interface PermitStore {
  /**
   * All that a process has to say about the permits of one activity, at once. One exchange of a process and activity at a time.
   * Undefined when the activity needs no permits (any more): everything is allowed.
   */
  exchange(activityArn: string, process: string, ask: PermitAsk): Promise<PermitAnswer | undefined>;
  /**
   * Tasks in progress under permits. Frees permits of tasks that have ended otherwise than by a result, or that a dead process
   * had not handed out yet: at most so many at a time that it takes some milliseconds.
   */
  inProgress(activityArn: string): Promise<number>;
  /** Calls when permits of an activity were freed or its settings changed, in whatever process. It may be missed. */
  listen(hear: (activityArn: string) => void): Promise<void>;
  /** Settings of all activities that have any, by ARN; undefined when nothing has changed since `version`. */
  settings(version: string): Promise<SettingsList | undefined>;
}

export interface PermitAsk {
  /** Counts up with every exchange of the process; an exchange that is sent again has the same number, and is answered alike. */
  readonly sequence: number;
  /** Permits that the process wants to keep, among them those for `bind`. What it had beyond that is given back. */
  readonly held: number;
  /** How many more it wants. */
  readonly want: number;
  /** Tasks about to be handed out, each under one of the permits held. */
  readonly bind: readonly TaskId[];
  /** Tasks that were bound by this process and did not get to a worker: they are not in progress. */
  readonly undo: readonly TaskId[];
}

export interface PermitAnswer {
  /** How many of those wanted there are. */
  readonly granted: number;
  /** For each task whether it may be handed out. If not, its permit is gone as well. */
  readonly bound: readonly boolean[];
  /** When it is worth asking for the rest, in milliseconds; undefined when only somebody else's doing can help. */
  readonly retryMs: number | undefined;
}

export interface SettingsList {
  readonly version: string;
  readonly settings: ReadonlyMap<string, ActivitySettings>;
}

/** How long the permits that a process holds outlive its last exchange. */
export const PERMIT_LEASE_MS = 2_000;
/** How soon the task of a bound permit is looked at again, when permits are wanted. */
export const RECHECK_MS = 500;
/** Bound permits whose tasks are looked at together. */
export const CHECKED_AT_ONCE = 256;
