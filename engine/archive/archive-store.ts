import { mkdir } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  createObjectStores,
  type ObjectContent,
  ObjectStoreError,
  type ObjectStores,
  type ObjectWriter,
} from '../data-sets/index.ts';

/** The part of a bucket that is the archive. */
export interface ArchiveStore {
  /** Undefined when there is no such object. @throws ObjectStoreError */
  get(key: string, range: { from: number; to?: number; ifMatch?: string }): Promise<FoundBytes | undefined>;
  /** Keys that begin with the prefix, in order. */
  list(prefix: string, after?: string): AsyncIterable<string>;
  /** Writes an object, all or nothing: it is durable when this resolves. */
  put(key: string, fill: (object: Pick<ObjectWriter, 'write'>) => Promise<void>): Promise<void>;
}

export interface FoundBytes {
  readonly bytes: Buffer;
  /** Of the whole object. */
  readonly size: number;
  readonly etag: string;
}

/**
 * Opens the archive that a setting names.
 *
 * @param place `file:` and the path of a folder, which is made, or `s3://BUCKET/PREFIX`
 * @param s3Endpoint where S3 is; undefined: AWS's own
 * @throws the system's error when the folder cannot be made
 */
export async function openArchive(
  place: string,
  s3Endpoint: string | undefined,
): Promise<ArchiveStore & { close(): Promise<void> }> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(place) ?? [];
  if (bucket !== '') {
    const stores = createObjectStores({ s3Endpoint });
    return { ...createArchiveStore(stores, bucket, prefix.replace(/([^/])$/, '$1/')), close: () => stores.close() };
  }
  const folder = resolve(place.slice('file:'.length));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stores = createObjectStores({ filesRoot: dirname(folder) });
  return { ...createArchiveStore(stores, `file:${basename(folder)}`, ''), close: () => stores.close() };
}

/** @param prefix what all keys begin with: nothing, or names with a slash behind each */
export function createArchiveStore(stores: ObjectStores, bucket: string, prefix: string): ArchiveStore {
  return {
    async get(key, range) {
      try {
        const content = await stores.get(bucket, prefix + key, range);
        return { bytes: await bytesOf(content), size: content.size, etag: content.etag };
      } catch (error) {
        if (error instanceof ObjectStoreError && error.missing) return undefined;
        throw error;
      }
    },
    async *list(under, after) {
      const from = after === undefined ? undefined : prefix + after;
      for await (const { key } of stores.list(bucket, prefix + under, undefined, from)) yield key.slice(prefix.length);
    },
    async put(key, fill) {
      const object = await stores.create(bucket, prefix + key);
      try {
        await fill(object);
        await object.close();
      } catch (error) {
        await object.abort().catch(() => {});
        throw error;
      }
    },
  };
}

async function bytesOf({ body }: ObjectContent): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
