/** Who asks for tasks of activities: what processes tell of the polls that wait in their memory, for dashboards. */
export interface PollStore {
  /** What a process knows now, in place of what it told before. It is forgotten after {@link POLLS_TTL_MS} unless told again. */
  report(process: string, polls: ReadonlyMap<string, PollReport>): Promise<void>;
  /** What all processes together know, by activity; those of which nobody knows anything are left out. */
  read(activityArns: readonly string[]): Promise<ReadonlyMap<string, PollSummary>>;
}

/** Of one activity. Ages, since processes have clocks of their own. */
export interface PollReport {
  /** Polls that wait. */
  readonly waiting: number;
  readonly workers: readonly { readonly name: string; readonly agoMs: number }[];
  /** How long ago a task was handed out, if this process did it. */
  readonly handOutAgoMs?: number;
}

export interface PollSummary {
  readonly waiting: number;
  /** The latest first; instants of the store's clock. */
  readonly workers: readonly { readonly name: string; readonly seenMs: number }[];
  /** Kept for as long as the activity. */
  readonly handOutMs?: number;
}

export const POLLS_TTL_MS = 15_000;

/** One list of the workers that several processes have seen, each with the latest time. */
export function mergeWorkers(seen: readonly { name: string; seenMs: number }[]): { name: string; seenMs: number }[] {
  const latest = new Map<string, number>();
  for (const { name, seenMs } of seen) latest.set(name, Math.max(seenMs, latest.get(name) ?? 0));
  return [...latest].map(([name, seenMs]) => ({ name, seenMs })).sort((a, b) => b.seenMs - a.seenMs);
}
