import { expect, test } from 'vitest';
import { simulateHandOuts } from './hand-outs.ts';

/** `SEED=n` repeats one run; `SEEDS=n` changes how many there are. */
const ONE = process.env['SEED'];
const SEEDS = Number(process.env['SEEDS'] ?? 200);

test(`tasks are handed out within the limits of their activity, and all of them (${ONE ? `seed ${ONE}` : `${SEEDS} seeds`})`, async () => {
  const seeds = ONE ? [Number(ONE)] : Array.from({ length: SEEDS }, (_, index) => index + 1);
  for (const seed of seeds) expect(await simulateHandOuts(seed), `SEED=${seed}`).toEqual([]);
}, 300_000);
