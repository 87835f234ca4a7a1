import type {
  GetObjectCommandInput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  changed,
  type GetOptions,
  type ObjectContent,
  ObjectStoreError,
  type ObjectStores,
  type ObjectSummary,
  type ObjectWriter,
} from './object-stores.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/** What is held back before it is sent; S3 wants at least 5 MiB and takes at most 10,000 parts: enough for 78 GiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** The time that S3 has to begin an answer. */
const ANSWER_MS = 60_000;
const CONNECT_MS = 5_000;
/** More than readers are open at a time: each holds a connection. */
const MAX_SOCKETS = 256;

/**
 * Buckets of S3, or of anything that speaks its protocol. Region and credentials are found as the AWS SDK finds them. The SDK is
 * loaded with the first request: it is large, and most deployments never need it.
 *
 * @param endpoint where to find S3; undefined: AWS's own. Buckets are put into the path of another one, not into its host name
 */
export function createS3Stores(endpoint: string | undefined): ObjectStores {
  let connection: Promise<Connection> | undefined;
  const connected = (): Promise<Connection> => {
    connection ??= connect(endpoint);
    return connection;
  };
  return {
    get: async (bucket, key, options = {}) => getObject(await connected(), bucket, key, options),
    async *list(bucket, prefix, owner, after) {
      yield* listObjects(await connected(), {
        Bucket: bucket,
        Prefix: prefix,
        ExpectedBucketOwner: owner,
        StartAfter: after,
      });
    },
    create: async (bucket, key) => new S3Writer(await connected(), bucket, key),
    async close() {
      if (connection !== undefined) (await connection).client.destroy();
    },
  };
}

interface Connection {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

async function connect(endpoint: string | undefined): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    // Others that speak S3's protocol do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
    },
  });
  return { sdk, client };
}

async function getObject(
  { sdk, client }: Connection,
  bucket: string,
  key: string,
  options: GetOptions,
): Promise<ObjectContent> {
  const request: GetObjectCommandInput = {
    Bucket: bucket,
    Key: key,
    Range: rangeOf(options),
    VersionId: options.versionId,
    IfMatch: options.ifMatch,
    ExpectedBucketOwner: options.expectedBucketOwner,
  };
  const answer = await told(client.send(new sdk.GetObjectCommand(request)), (status) =>
    status === PRECONDITION_FAILED ? changed(`${bucket}/${key}`) : undefined,
  );
  const size = Number(answer.ContentRange?.split('/')[1] ?? answer.ContentLength ?? 0);
  return { body: bytesOf(answer.Body as AsyncIterable<Uint8Array>), size, etag: answer.ETag ?? '' };
}

/** Ends are inclusive in HTTP. */
function rangeOf({ from = 0, to }: GetOptions): string | undefined {
  if (from === 0 && to === undefined) return undefined;
  return `bytes=${from}-${to === undefined ? '' : to - 1}`;
}

async function* bytesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw failure(error);
  }
}

async function* listObjects(
  { sdk, client }: Connection,
  wanted: ListObjectsV2CommandInput,
): AsyncGenerator<ObjectSummary> {
  let token: string | undefined;
  do {
    const request = { ...wanted, ContinuationToken: token };
    const page: ListObjectsV2CommandOutput = await told(client.send(new sdk.ListObjectsV2Command(request)));
    yield* (page.Contents ?? []).map((found) => ({
      key: found.Key ?? '',
      size: found.Size ?? 0,
      etag: found.ETag ?? '',
      lastModified: Math.floor((found.LastModified?.getTime() ?? 0) / 1000),
      storageClass: found.StorageClass ?? 'STANDARD',
    }));
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** Sends what is small at once and what is large in parts, of which it holds one. */
class S3Writer implements ObjectWriter {
  readonly #connection: Connection;
  readonly #target: { readonly Bucket: string; readonly Key: string };
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #uploadId: string | undefined;
  readonly #parts: { PartNumber: number; ETag: string | undefined }[] = [];

  constructor(connection: Connection, bucket: string, key: string) {
    this.#connection = connection;
    this.#target = { Bucket: bucket, Key: key };
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= PART_BYTES) await this.#sendPart();
  }

  async close(): Promise<void> {
    const { sdk, client } = this.#connection;
    if (this.#uploadId === undefined) {
      await told(client.send(new sdk.PutObjectCommand({ ...this.#target, Body: this.#take() })));
      return;
    }
    if (this.#heldBytes > 0) await this.#sendPart();
    const upload = { ...this.#target, UploadId: this.#uploadId, MultipartUpload: { Parts: this.#parts } };
    await told(client.send(new sdk.CompleteMultipartUploadCommand(upload)));
  }

  async abort(): Promise<void> {
    if (this.#uploadId === undefined) return;
    const { sdk, client } = this.#connection;
    await told(client.send(new sdk.AbortMultipartUploadCommand({ ...this.#target, UploadId: this.#uploadId })));
  }

  async #sendPart(): Promise<void> {
    const { sdk, client } = this.#connection;
    this.#uploadId ??= (await told(client.send(new sdk.CreateMultipartUploadCommand(this.#target)))).UploadId;
    const PartNumber = this.#parts.length + 1;
    const part = { ...this.#target, UploadId: this.#uploadId, PartNumber, Body: this.#take() };
    const { ETag } = await told(client.send(new sdk.UploadPartCommand(part)));
    this.#parts.push({ PartNumber, ETag });
  }

  #take(): Uint8Array {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}

const PRECONDITION_FAILED = 412;

/** @param known the failures that the caller has words for */
async function told<T>(
  answer: Promise<T>,
  known: (status: number | undefined) => ObjectStoreError | undefined = () => undefined,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw known((error as S3ServiceException).$metadata?.httpStatusCode) ?? failure(error);
  }
}

/** In the words that AWS has for failures of its services, as far as the service answered. */
function failure(error: unknown): ObjectStoreError {
  const { message, name, $metadata: about, code } = error as S3ServiceException & { readonly code?: string };
  const status = about?.httpStatusCode;
  if (status === undefined) {
    // What has a code is the network's; the rest is missing from the configuration: a region, credentials.
    const silent = code !== undefined || name === 'TimeoutError';
    const how = silent ? 'did not answer' : 'cannot be asked';
    return new ObjectStoreError(`S3 ${how}: ${message || code}`, { transient: silent });
  }
  const extended = about.extendedRequestId === undefined ? '' : `, Extended Request ID: ${about.extendedRequestId}`;
  return new ObjectStoreError(
    `${message} (Service: S3, Status Code: ${status}, Request ID: ${about.requestId}${extended})`,
    { transient: status >= 500, missing: name === 'NoSuchKey' },
  );
}
