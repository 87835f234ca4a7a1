import type { Chance } from './query-language.ts';

/**
 * Randomness as a function of an execution's seed and of where it is drawn: a step that is interpreted again draws
 * the same numbers. The seed is secret, so tokens made of it cannot be guessed from outside.
 *
 * @param seed from the execution's record
 * @param draw what it is for, e.g. the visit
 */
export function chanceOf(seed: string, draw: string): Chance {
  let words: [number, number, number, number] | undefined;
  const next = (): number => {
    words ??= hash128(`${seed}/${draw}`);
    return xoshiro(words);
  };
  return {
    random: () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53,
    uuid: () => formatUuid(next(), next(), next(), next()),
  };
}

function formatUuid(a: number, b: number, c: number, d: number): string {
  const hex = [a, (b & 0xffff0fff) | 0x4000, (c & 0x3fffffff) | 0x80000000, d].map((word) =>
    (word >>> 0).toString(16).padStart(8, '0'),
  );
  const text = hex.join('');
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** cyrb128: spreads a text over four words. */
function hash128(text: string): [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a >>> 0, b >>> 0, c >>> 0, (d | 1) >>> 0];
}

/** xoshiro128**, Blackman and Vigna: the next 32 bits. */
function xoshiro(s: [number, number, number, number]): number {
  const product = Math.imul(s[1], 5);
  const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
  const shifted = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = (s[3] << 11) | (s[3] >>> 21);
  return result;
}
