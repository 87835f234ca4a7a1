import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

/** `SEED=n` repeats one run; `SEEDS=n` changes how many there are. */
const ONE = process.env['SEED'];
const SEEDS = Number(process.env['SEEDS'] ?? 1000);

test(`every promise holds under crashes, delays and repeated calls (${ONE ? `seed ${ONE}` : `${SEEDS} seeds`})`, async () => {
  const seeds = ONE ? [Number(ONE)] : Array.from({ length: SEEDS }, (_, index) => index + 1);
  for (const seed of seeds) expect(await simulate(seed), `SEED=${seed}`).toEqual([]);
}, 300_000);
