import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createDataSets,
  createObjectStores,
  type ObjectStores,
  openItems,
  writeResults,
} from '../../engine/data-sets/index.ts';
import { S3Server } from '../support/s3-server.ts';
import { collect, failed, getObject, listObjects } from './support.ts';

/** S3 by the client of AWS, against a server that speaks its protocol. */

let server: S3Server;
let stores: ObjectStores;

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  server = new S3Server();
  stores = createObjectStores({ s3Endpoint: await server.start() });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stores.close();
  await server.close();
});

const put = (at: string, text: string) => server.objects.set(at, Buffer.from(text));
const items = async (reader: Parameters<typeof openItems>[0]) =>
  (await collect(openItems(reader, stores))).map(({ value }) => value);

describe('an object', () => {
  test('is read', async () => {
    put('b/a/b c.json', '[1, {"ü": 2}]');
    expect(await items(getObject('a/b c.json', {}))).toEqual([1, { ü: 2 }]);
    expect(server.requests).toEqual(['GET /b/a/b%20c.json?x-id=GetObject']);
  });

  test('is asked for with version and owner', async () => {
    put('b/k', '[]');
    await items(getObject('k', {}, { VersionId: 'v1', ExpectedBucketOwner: '123456789012' }));
    expect(server.requests[0]).toContain('versionId=v1');
    expect(server.headers[0]).toMatchObject({ 'x-amz-expected-bucket-owner': '123456789012' });
  });

  test('is read on where a connection was cut', async () => {
    const numbers = [...Array(20_000).keys()];
    put('b/k', JSON.stringify(numbers));
    server.cuts = [50_000];
    expect(await items(getObject('k', {}))).toEqual(numbers);
    expect(server.headers.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test('is not read on when it is another one by then', async () => {
    put('b/k', '1\n'.repeat(100_000));
    server.cuts = [50_000];
    const reading = openItems(getObject('k', { InputType: 'JSONL' }), stores);
    await reading.next();
    put('b/k', '2\n'.repeat(100_000));
    await expect(collect(reading)).rejects.toMatchObject(failed('b/k changed after it was first read'));
  });

  test('is let go of when the caller wants no more', async () => {
    put('b/k', '1\n'.repeat(1_000_000));
    expect(await items(getObject('k', { InputType: 'JSONL', MaxItems: 1 }))).toEqual([1]);
    expect(await items(getObject('k', { InputType: 'JSONL', MaxItems: 3 }))).toEqual([1, 1, 1]);
  });

  test('has a version that pages are read by', async () => {
    put('b/k', '1\n2\n3\n');
    const [reader, dataSets] = [getObject('k', { InputType: 'JSONL' }), createDataSets(stores)];
    const { total, version } = await dataSets.count(reader);
    expect({ total, version }).toEqual({ total: 3, version: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    put('b/k', '1\n');
    await expect(dataSets.read(reader, { from: 0, maxItems: 1, maxBytes: 9, version })).rejects.toMatchObject(
      failed('b/k changed after it was first read'),
    );
  });
});

describe('a list of objects', () => {
  test('is read page by page', async () => {
    for (let index = 0; index < 7; index += 1) put(`b/p/${index}`, 'x');
    put('b/q', 'x');
    server.pageSize = 3;
    const listed = await items(listObjects('p/'));
    expect(listed).toHaveLength(7);
    expect(listed[6]).toEqual({
      Etag: '"9dd4e461268c8034f5c8564e155c67a6"',
      Key: 'p/6',
      LastModified: 1_700_000_000,
      Size: 1,
      StorageClass: 'GLACIER',
    });
    expect(server.requests).toHaveLength(3);
  });

  test('of nothing is empty', async () => {
    expect(await items(listObjects('p/'))).toEqual([]);
  });

  test('flattened is read object by object', async () => {
    for (let index = 0; index < 3; index += 1) put(`b/p/${index}`, `[${index}]`);
    expect(await items(listObjects('p/', { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' }))).toEqual([
      0, 1, 2,
    ]);
  });
});

describe('results', () => {
  const writer = { resource: 'arn:aws:states:::s3:putObject', arguments: { Bucket: 'b', Prefix: 'p' }, config: {} };
  const arn = 'arn:aws:states:us-east-1:123456789012:mapRun:m/M:uuid';
  async function* rows(count: number, bytes: number) {
    for (let index = 0; index < count; index += 1) {
      yield { status: 'SUCCEEDED', description: { Output: 'x'.repeat(bytes), Index: index } } as const;
    }
  }

  test('that are small are put at once', async () => {
    expect(await writeResults(writer, arn, rows(2, 10), stores)).toMatchObject({ MapRunArn: arn });
    expect([...server.objects.keys()]).toEqual(['b/p/uuid/SUCCEEDED_0.json', 'b/p/uuid/manifest.json']);
    expect(server.requests.filter((request) => !request.startsWith('PUT'))).toEqual([]);
  });

  test('that are large are put in parts', async () => {
    await writeResults(writer, arn, rows(180, 100_000), stores);
    const written = JSON.parse(server.objects.get('b/p/uuid/SUCCEEDED_0.json')?.toString() ?? '');
    expect(written.map(({ Index }: { Index: number }) => Index)).toEqual([...Array(180).keys()]);
    const parts = server.requests.filter((request) => request.includes('partNumber'));
    expect(parts).toHaveLength(3);
    expect(server.uploads.size).toBe(0);
  });

  test('leave no parts behind when one cannot be put', async () => {
    server.failure = { status: 403, code: 'AccessDenied', fails: (request) => request.includes('partNumber=2') };
    await expect(writeResults(writer, arn, rows(180, 100_000), stores)).rejects.toMatchObject({
      error: 'States.ResultWriterFailed',
      reason: 'AccessDenied (Service: S3, Status Code: 403, Request ID: REQUEST, Extended Request ID: EXTENDED)',
    });
    expect(server.uploads.size).toBe(0);
    expect(server.objects.size).toBe(0);
  });
});

describe('a list', () => {
  test('goes on behind a key', async () => {
    for (const key of ['a', 'b/1', 'b/2', 'c']) put(`b/${key}`, key);
    server.pageSize = 1;
    const keys = (await collect(stores.list('b', '', undefined, 'b/1'))).map(({ key }) => key);
    expect(keys).toEqual(['b/2', 'c']);
  });
});

describe('what S3 refuses', () => {
  test('tells what is missing from what is forbidden', async () => {
    await expect(stores.get('b', 'none')).rejects.toMatchObject({ missing: true });
    server.failure = { status: 404, code: 'NoSuchBucket', fails: () => true };
    await expect(stores.get('b', 'none')).rejects.toMatchObject({ missing: false });
  });

  test('is told in its words', async () => {
    await expect(items(getObject('none', {}))).rejects.toMatchObject(
      failed(
        'The specified key does not exist. (Service: S3, Status Code: 404, Request ID: REQUEST, Extended Request ID: EXTENDED)',
      ),
    );
    server.failure = { status: 404, code: 'NoSuchBucket', fails: () => true };
    await expect(items(listObjects(''))).rejects.toMatchObject(failed(/^NoSuchBucket \(Service: S3, Status Code: 404/));
  });

  test('is told when it does not answer at all', async () => {
    const nowhere = createObjectStores({ s3Endpoint: 'http://127.0.0.1:1' });
    await expect(collect(openItems(getObject('k', {}), nowhere))).rejects.toMatchObject(
      failed(/^S3 did not answer: .*ECONNREFUSED/),
    );
    await nowhere.close();
  });

  test('is told when nobody says who asks', async () => {
    vi.unstubAllEnvs();
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    const aws = createObjectStores({});
    await expect(collect(openItems(getObject('k', {}), aws))).rejects.toMatchObject(
      failed('S3 cannot be asked: Region is missing'),
    );
    await aws.close();
  });

  test('does not matter to stores that nobody used', async () => {
    await expect(createObjectStores({}).close()).resolves.toBeUndefined();
  });
});
