import { hash, randomInt } from 'node:crypto';
import { type AccessKey, ID_PREFIX } from '../../schemas/access-key.ts';
import type { Seal } from './seal.ts';

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';

const draw = (signs: string, length: number): string =>
  Array.from({ length }, () => signs[randomInt(signs.length)]).join('');

/** How a key's secret is kept for bearer tokens: it is drawn at random, so a plain digest gives nothing away. */
export const hashOf = (secret: string): string => hash('sha256', secret);

/**
 * Draws an access key and its secret, which is known here and nowhere else.
 *
 * @param seal keeps the secret for signatures; without it, the key is for bearer tokens alone
 */
export function newAccessKey(
  wanted: Omit<AccessKey, 'id' | 'secretHash' | 'sealedSecret'>,
  seal: Seal | undefined,
): { key: AccessKey; secret: string } {
  const id = `${ID_PREFIX}${draw(CAPITALS + DIGITS, 16)}`;
  const secret = draw(CAPITALS + CAPITALS.toLowerCase() + DIGITS, 40);
  const key = { ...wanted, id, secretHash: hashOf(secret), ...(seal && { sealedSecret: seal.close(secret, id) }) };
  return { key, secret };
}
