/** The port to what data sets are read from and results are written to. Keys and buckets are as in S3. */

/** What a listing tells of an object. */
export interface ObjectSummary {
  readonly key: string;
  readonly size: number;
  /** With its quotation marks, as S3 has it. */
  readonly etag: string;
  /** Seconds since 1970. */
  readonly lastModified: number;
  readonly storageClass: string;
}

export interface ObjectContent {
  /** Of the bytes asked for. Ends with an {@link ObjectStoreError} when the store fails midway; must be read or closed. */
  readonly body: AsyncIterableIterator<Uint8Array>;
  /** Of the whole object, in bytes. */
  readonly size: number;
  readonly etag: string;
}

export interface GetOptions {
  readonly versionId?: string | undefined;
  /** The account that the bucket must belong to. */
  readonly expectedBucketOwner?: string | undefined;
  /** The first byte that is wanted. */
  readonly from?: number | undefined;
  /** The first byte that is no longer wanted. */
  readonly to?: number | undefined;
  /** Answers with an error when the object is another one by now. */
  readonly ifMatch?: string | undefined;
}

/** Takes an object piece by piece. Nobody sees it before `close`, after which it is durable; a writer is either closed or aborted. */
export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** Every method throws an {@link ObjectStoreError} when the store says no or does not answer. */
export interface ObjectStores {
  get(bucket: string, key: string, options?: GetOptions): Promise<ObjectContent>;
  /**
   * The objects whose keys begin with the prefix, in the order of the bytes of their keys.
   *
   * @param after a key: those up to it, and itself, are left out
   */
  list(bucket: string, prefix: string, expectedBucketOwner?: string, after?: string): AsyncIterable<ObjectSummary>;
  /** Replaces the object if there is one. */
  create(bucket: string, key: string): Promise<ObjectWriter>;
  close(): Promise<void>;
}

/** Why an object cannot be had or written; the message is fit to be the cause of an error. */
export class ObjectStoreError extends Error {
  /** Whether asking again may help: the connection broke, not the store's answer. */
  readonly transient: boolean;
  /** There is no such object, in a bucket that is there. */
  readonly missing: boolean;

  constructor(message: string, { transient = false, missing = false } = {}) {
    super(message);
    this.transient = transient;
    this.missing = missing;
  }
}

/** What a store answers when {@link GetOptions.ifMatch} does not hold. */
export const changed = (uri: string): ObjectStoreError =>
  new ObjectStoreError(`${uri} changed after it was first read`);
