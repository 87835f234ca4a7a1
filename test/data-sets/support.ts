import { expect } from 'vitest';
import type { Item, ItemReader } from '../../engine/data-sets/index.ts';
import { openItems } from '../../engine/data-sets/index.ts';
import {
  type GetOptions,
  ObjectStoreError,
  type ObjectStores,
  type ObjectSummary,
} from '../../engine/data-sets/stores/object-stores.ts';
import type { JsonObject } from '../../schemas/json.ts';

export type Objects = Record<string, string | Uint8Array>;

/** Buckets in memory, whose objects arrive in pieces as small as a test wants them, and whose connections break when it says so. */
export class MemoryStores implements ObjectStores {
  /** By `bucket/key`. */
  readonly objects = new Map<string, Uint8Array>();
  /** What was asked for. */
  readonly gets: ({ at: string } & GetOptions)[] = [];
  /** Bodies that somebody has begun to read and nobody has ended. */
  open = 0;
  /** Bytes after which a connection breaks, one for each in turn. */
  breaks: number[] = [];
  pieceBytes = 64 * 1024;
  readonly aborted: string[] = [];

  constructor(objects: Objects = {}) {
    for (const [at, content] of Object.entries(objects)) this.objects.set(at, Buffer.from(content));
  }

  async get(bucket: string, key: string, options: GetOptions = {}) {
    const at = `${bucket}/${key}`;
    this.gets.push({ at, ...options });
    const content = this.objects.get(at);
    if (content === undefined) throw new ObjectStoreError('The specified key does not exist.', { missing: true });
    const etag = etagOf(content);
    if (options.ifMatch !== undefined && options.ifMatch !== etag) throw new ObjectStoreError('It changed.');
    return { body: this.#pieces(content.subarray(options.from ?? 0, options.to)), size: content.length, etag };
  }

  async *list(bucket: string, prefix: string, _owner?: string, after = ''): AsyncGenerator<ObjectSummary> {
    const start = `${bucket}/`;
    const wanted = [...this.objects.keys()].filter((name) => name.startsWith(start + prefix) && name > start + after);
    for (const at of wanted.sort()) {
      const content = this.objects.get(at) ?? new Uint8Array();
      const [key, etag] = [at.slice(start.length), etagOf(content)];
      yield { key, size: content.length, etag, lastModified: 1_700_000_000, storageClass: 'STANDARD' };
    }
  }

  async create(bucket: string, key: string) {
    const pieces: Uint8Array[] = [];
    return {
      write: async (bytes: Uint8Array) => void pieces.push(bytes),
      close: async () => void this.objects.set(`${bucket}/${key}`, Buffer.concat(pieces)),
      abort: async () => void this.aborted.push(key),
    };
  }

  async close() {}

  text(at: string): string {
    return Buffer.from(this.objects.get(at) ?? '').toString();
  }

  async *#pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
    const limit = this.breaks.shift() ?? Number.POSITIVE_INFINITY;
    this.open += 1;
    try {
      for (let at = 0; at < content.length; at += this.pieceBytes) {
        if (at >= limit) throw new ObjectStoreError('The connection broke.', { transient: true });
        yield content.subarray(at, at + this.pieceBytes);
      }
    } finally {
      this.open -= 1;
    }
  }
}

const etagOf = (content: Uint8Array): string =>
  `"${content.length}-${content.reduce((sum, byte) => (sum * 31 + byte) | 0, 7)}"`;

export const getObject = (key: string, config: JsonObject, more: JsonObject = {}): ItemReader => ({
  resource: 'arn:aws:states:::s3:getObject',
  arguments: { Bucket: 'b', Key: key, ...more },
  config,
});

export const listObjects = (prefix: string, config: JsonObject = {}): ItemReader => ({
  resource: 'arn:aws:states:::s3:listObjectsV2',
  arguments: { Bucket: 'b', Prefix: prefix },
  config,
});

/** All items of a data set that is one object. */
export async function read(
  content: string | Uint8Array,
  config: JsonObject,
  key = 'k',
  pieceBytes = 7,
): Promise<Item[]> {
  const stores = new MemoryStores({ [`b/${key}`]: content });
  stores.pieceBytes = pieceBytes;
  return collect(openItems(getObject(key, config), stores));
}

export async function values(content: string | Uint8Array, config: JsonObject, key?: string, pieceBytes?: number) {
  return (await read(content, config, key, pieceBytes)).map(({ value }) => value);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The error name and cause that an execution would see. */
export const failed = (cause: string | RegExp) => ({
  error: 'States.ItemReaderFailed',
  reason: typeof cause === 'string' ? cause : expect.stringMatching(cause),
});
