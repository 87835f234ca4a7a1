/** The middle of a few rounds: one that something else disturbed does not count. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Of unsorted values; NaN when there are none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return sorted[place] ?? Number.NaN;
}
