import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** The algorithms of States.Hash and `$hash`, by the names that definitions call them. */
const ALGORITHMS = new Map([
  ['MD5', md5],
  ['SHA-1', sha1],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
]);

/** The digest of a text's UTF-8 bytes, in hex; undefined when no such algorithm is known. */
export function digest(text: string, algorithm: string): string | undefined {
  const hash = ALGORITHMS.get(algorithm);
  return hash && bytesToHex(hash(new TextEncoder().encode(text)));
}
