/** What an operator may set for an activity, beside what AWS keeps of it. */

/** Bounds on how the tasks of an activity are handed out. What is absent does not bound. */
export interface ActivityLimits {
  /** Tasks in progress at a time: handed out and not ended. */
  readonly maxConcurrency?: number;
  /** Tasks handed out per second, in the long run. */
  readonly ratePerSecond?: number;
  /** Tasks that may be handed out at once after a quiet time. Without it {@link burstOf} the rate. */
  readonly burst?: number;
  /** A reference path into a task's input, to an integer from 1 (first) to 1000: who is handed out first. */
  readonly priority?: string;
}

export interface ActivitySettings {
  readonly limits?: ActivityLimits;
  /** Nothing is handed out until it is resumed. */
  readonly paused?: true;
}

export const BOUNDS = {
  maxConcurrency: { minimum: 1, maximum: 100_000 },
  ratePerSecond: { minimum: 0.001, maximum: 100_000 },
  burst: { minimum: 1, maximum: 100_000 },
} as const;

/** The priorities that a task may ask for: 1 is first. Those that ask for none come last. */
export const PRIORITIES = { first: 1, last: 1000, none: 1001 } as const;

/** What may be handed out at once: what the settings say, else the tasks of a second, at least one. */
export const burstOf = ({ ratePerSecond = 1, burst }: ActivityLimits): number =>
  burst ?? Math.max(1, Math.ceil(ratePerSecond));

/** Whether a task may be handed out only under a permit: priorities need none. */
export const needsPermits = ({ limits, paused }: ActivitySettings): boolean =>
  paused === true || limits?.maxConcurrency !== undefined || limits?.ratePerSecond !== undefined;
