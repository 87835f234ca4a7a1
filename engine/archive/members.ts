import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';

/**
 * An archived execution is one gzip file of several members, so that `zcat` shows all of it and a reader takes what it needs: lines of
 * JSON, and at the end an empty member that tells where the index begins.
 */

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** More than any page of a history: a file that says otherwise is none of ours. */
const MOST_BYTES = 512 * 1024 * 1024;

export const member = (lines: readonly string[]): Promise<Buffer> => compress(`${lines.join('\n')}\n`);

/** The lines of members that follow each other. Of a member that is cut off at the end, those that are there: the last may be cut off, too. */
export async function linesOf(bytes: Uint8Array): Promise<string[]> {
  const text = await decompress(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_BYTES });
  const lines = text.toString().split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** RFC 1952: a header with an extra field, no data, and the checksum and length of that. */
const HEADER = Buffer.of(0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 12, 0, 0x53, 0x59, 8, 0);
const NOTHING = Buffer.of(3, 0, 0, 0, 0, 0, 0, 0, 0, 0);

export const TRAILER_BYTES = HEADER.length + 8 + NOTHING.length;

/** An empty member that holds where the index begins. */
export function trailer(indexAt: number): Buffer {
  const place = Buffer.alloc(8);
  place.writeBigUInt64LE(BigInt(indexAt));
  return Buffer.concat([HEADER, place, NOTHING]);
}

/** Where the index begins, from bytes that end with a trailer; undefined when they do not. */
export function indexPlace(bytes: Uint8Array): number | undefined {
  const end = Buffer.from(bytes.subarray(-TRAILER_BYTES));
  if (end.length < TRAILER_BYTES || !end.subarray(0, HEADER.length).equals(HEADER)) return undefined;
  return Number(end.readBigUInt64LE(HEADER.length));
}
