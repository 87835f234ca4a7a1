const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;

/**
 * The first `nextInt(bound)` of Java's `java.util.Random` with a seed: what AWS draws from when a seed is given.
 *
 * @param bound from 1 to 2^32; beyond 2^31 - 1, where Java has no such method, the bits are scaled
 */
export function seededInt(seed: number, bound: number): number {
  let state = (BigInt(seed) ^ MULTIPLIER) & MASK;
  const next31 = (): number => {
    state = (state * MULTIPLIER + INCREMENT) & MASK;
    return Number(state >> 17n);
  };
  if (bound > 0x7fffffff || (bound & (bound - 1)) === 0) return Math.floor((next31() / 2 ** 31) * bound);
  for (;;) {
    const bits = next31();
    const value = bits % bound;
    // Java draws again where the last, incomplete run of values would favour the small ones.
    if (bits - value + (bound - 1) <= 0x7fffffff) return value;
  }
}

/** The first `nextDouble()` of Java's `java.util.Random` with a seed: uniform in [0, 1). */
export function seededDouble(seed: number): number {
  const start = (BigInt(seed) ^ MULTIPLIER) & MASK;
  const first = (start * MULTIPLIER + INCREMENT) & MASK;
  const second = (first * MULTIPLIER + INCREMENT) & MASK;
  return (Number(first >> 22n) * 2 ** 27 + Number(second >> 21n)) / 2 ** 53;
}
