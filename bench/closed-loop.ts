export interface Load {
  /** How many are under way at any time. */
  readonly inFlight: number;
  readonly ms: number;
}

export interface LoopResult {
  readonly count: number;
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
}

/** Does something again and again, so many at a time, for some time; those begun in that time are waited for. */
export async function closedLoop({ inFlight, ms }: Load, once: () => Promise<void>): Promise<LoopResult> {
  const latenciesMs: number[] = [];
  const begun = performance.now();
  const end = begun + ms;
  const lane = async (): Promise<void> => {
    for (let from = performance.now(); from < end; ) {
      await once();
      const now = performance.now();
      latenciesMs.push(now - from);
      from = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { count: latenciesMs.length, elapsedMs: performance.now() - begun, latenciesMs };
}
