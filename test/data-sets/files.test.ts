import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDataSets, createObjectStores, type ObjectStores, openItems } from '../../engine/data-sets/index.ts';
import { collect, failed } from './support.ts';

/** Folders as buckets. */

let outside: string;
let root: string;
let stores: ObjectStores;

beforeEach(async () => {
  outside = await realpath(await mkdtemp(join(tmpdir(), 'stepyard-files-')));
  root = join(outside, 'root');
  await mkdir(join(root, 'in/sub/deep'), { recursive: true });
  await writeFile(join(outside, 'secret'), 'secret');
  stores = createObjectStores({ filesRoot: root });
});
afterEach(() => rm(outside, { recursive: true, force: true }));

const reader = (Bucket: string, Key: string, more = {}) => ({
  resource: 'arn:aws:states:::s3:getObject',
  arguments: { Bucket, Key, ...more },
  config: { InputType: 'JSONL' },
});
const list = (Bucket: string, Prefix = '') => ({
  resource: 'arn:aws:states:::s3:listObjectsV2',
  arguments: { Bucket, Prefix },
  config: {},
});
const write = async (bucket: string, key: string, text: string) => {
  const writer = await stores.create(bucket, key);
  await writer.write(Buffer.from(text));
  await writer.close();
};

describe('a folder', () => {
  test('is read as a bucket', async () => {
    await writeFile(join(root, 'in/sub/a.jsonl'), '1\n2');
    expect(await collect(openItems(reader('file:in', 'sub/a.jsonl'), stores))).toEqual([
      { value: 1, source: 'S3://file:in/sub/a.jsonl' },
      { value: 2, source: 'S3://file:in/sub/a.jsonl' },
    ]);
    expect(await collect(openItems(reader('file:in/sub', 'a.jsonl'), stores))).toHaveLength(2);
  });

  test('is listed in the order of S3, by prefix, without what is unfinished and without links', async () => {
    const names = ['sub/b', 'sub.txt', 'sub/a', 'sub/deep/c', 'ümlaut', 'Z', '\u{1F600}', '\uFF5E'];
    for (const name of names) await writeFile(join(root, 'in', name), name);
    await symlink(join(outside, 'secret'), join(root, 'in/link'));
    await symlink(outside, join(root, 'in/linked'));
    const unfinished = await stores.create('file:in', 'sub/unfinished');
    await utimes(join(root, 'in/Z'), 1, 1_700_000_000.5);
    const items = await collect(openItems(list('file:in'), stores));
    expect(items.map(({ value }) => (value as { Key: string }).Key)).toEqual(
      names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
    );
    expect(items[0]).toEqual({
      value: { Etag: expect.any(String), Key: 'Z', LastModified: 1_700_000_000, Size: 1, StorageClass: 'STANDARD' },
      source: 'S3://file:in',
    });
    expect(await collect(openItems(list('file:in', 'sub/'), stores))).toHaveLength(3);
    expect(await collect(openItems(list('file:in', 'sub/de'), stores))).toHaveLength(1);
    expect(await collect(openItems(list('file:in', 'nothing'), stores))).toEqual([]);
    await unfinished.abort();
  });

  test('is written to, whole files at a time', async () => {
    await write('file:out', 'new/folder/x.json', '[]');
    await write('file:out', 'new/folder/x.json', '[1]');
    expect(await readFile(join(root, 'out/new/folder/x.json'), 'utf8')).toBe('[1]');
    const unfinished = await stores.create('file:out', 'new/y.json');
    await unfinished.write(Buffer.from('x'));
    expect(await readdir(join(root, 'out/new'))).toEqual([expect.stringMatching(/^\.stepyard-unfinished-/), 'folder']);
    await unfinished.abort();
    expect(await readdir(join(root, 'out/new'))).toEqual(['folder']);
  });

  test('has a new version when a file changes', async () => {
    await writeFile(join(root, 'in/a'), '1\n2\n');
    const dataSets = createDataSets(stores);
    const { version } = await dataSets.count(reader('file:in', 'a'));
    await writeFile(join(root, 'in/a'), '1\n2\n3\n');
    await expect(
      dataSets.read(reader('file:in', 'a'), { from: 0, maxItems: 9, maxBytes: 9, version }),
    ).rejects.toMatchObject(failed('file:in/a changed after it was first read'));
  });

  test('gives a range of a file', async () => {
    await writeFile(join(root, 'in/a'), '0123456789');
    const { body, size } = await stores.get('file:in', 'a', { from: 2, to: 5 });
    expect(Buffer.concat(await collect(body)).toString()).toBe('234');
    expect(size).toBe(10);
  });

  test.each([
    ['cut off', ''],
    ['written anew', 'y'.repeat(100_000)],
    ['longer', 'x'.repeat(100_001)],
  ])('tells of a file that is %s while it is read', async (_, text) => {
    await writeFile(join(root, 'in/a'), 'x'.repeat(100_000));
    await utimes(join(root, 'in/a'), 1, 1);
    const { body } = await stores.get('file:in', 'a');
    await body.next();
    await writeFile(join(root, 'in/a'), text);
    await expect(body.next()).rejects.toThrow('file:in/a changed after it was first read');
  });

  test('can be read by a large number of readers in turn', async () => {
    await writeFile(join(root, 'in/a'), '1\n'.repeat(100_000));
    const before = (await readdir('/proc/self/fd')).length;
    for (let turn = 0; turn < 20; turn += 1) {
      for await (const { value } of openItems(reader('file:in', 'a'), stores)) if (value === 1) break;
    }
    expect((await readdir('/proc/self/fd')).length).toBe(before);
  });
});

describe('nothing outside the root is reached', () => {
  beforeEach(async () => {
    await symlink(join(outside, 'secret'), join(root, 'in/link'));
    await symlink(outside, join(root, 'in/linked'));
    await symlink(outside, join(root, 'linked'));
  });

  const plain = /is refused: buckets of files and keys are names separated by single slashes/;
  const link = /is refused: it is reached by a symbolic link, which is not followed/;

  test.each([
    ['file:in', '../../secret', plain],
    ['file:..', 'secret', plain],
    ['file:in/../..', 'secret', plain],
    ['file:', 'secret', plain],
    ['file:/', 'secret', plain],
    ['file:in', '/etc/passwd', plain],
    ['file:in', 'a//b', plain],
    ['file:in', './a', plain],
    ['file:in', 'a\\b', plain],
    ['file:in', 'a\0b', plain],
    ['file:in', 'link', link],
    ['file:in', 'linked/secret', link],
    ['file:linked', 'secret', link],
  ])('by %s and %s', async (bucket, key, cause) => {
    await expect(collect(openItems(reader(bucket, key), stores))).rejects.toMatchObject(failed(cause));
    if (key !== 'link') await expect(stores.create(bucket, key)).rejects.toThrow(cause);
    expect(await readdir(outside)).toEqual(['root', 'secret']);
  });

  test.each(['file:..', 'file:/', 'file:in/..', 'file:linked', 'file:in/linked'])('by a list of %s', async (bucket) => {
    await expect(collect(openItems(list(bucket), stores))).rejects.toMatchObject(failed(/is refused/));
  });

  test('but a link is replaced by what is written in its place', async () => {
    await write('file:in', 'link', 'new');
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(await readFile(join(root, 'in/link'), 'utf8')).toBe('new');
  });
});

describe('what cannot be had is told by its name', () => {
  test.each([
    [reader('file:in', 'none'), 'file:in/none does not exist'],
    [reader('file:none', 'a'), 'The bucket file:none does not exist (a folder under STEPYARD_FILES_ROOT)'],
    [reader('file:in', 'sub'), 'file:in/sub is not a file'],
    [reader('file:in', 'file/below'), 'file:in/file/below does not exist'],
    [reader('file:in', 'file', { VersionId: 'v' }), 'file:in/file is a file, of which there are no versions'],
    [list('file:none'), 'The bucket file:none does not exist (a folder under STEPYARD_FILES_ROOT)'],
  ])('%j', async (given, cause) => {
    await writeFile(join(root, 'in/file'), 'x');
    await expect(collect(openItems(given, stores))).rejects.toMatchObject(failed(cause));
  });

  test('to whoever writes', async () => {
    await writeFile(join(root, 'in/file'), 'x');
    await expect(stores.create('file:in', 'file/below')).rejects.toThrow(
      'file:in/file/below has a file where a folder must be',
    );
    const writer = await stores.create('file:in', 'sub');
    await expect(writer.close()).rejects.toThrow('file:in/sub is a folder');
    await writer.abort();
    expect(await readdir(join(root, 'in'))).toEqual(['file', 'sub']);
  });

  test('without the paths of this machine', async () => {
    const long = 'x'.repeat(300);
    await expect(stores.get('file:in', long)).rejects.toThrow(`file:in/${long} cannot be used: ENAMETOOLONG`);
  });

  test('when no folder is open to executions, or it is not there', async () => {
    const none = /^The bucket file:in is a folder, and no folder is open to executions: set STEPYARD_FILES_ROOT/;
    await expect(collect(openItems(reader('file:in', 'a'), createObjectStores({})))).rejects.toMatchObject(
      failed(none),
    );
    const missing = createObjectStores({ filesRoot: join(outside, 'missing') });
    await expect(collect(openItems(reader('file:in', 'a'), missing))).rejects.toMatchObject(
      failed('STEPYARD_FILES_ROOT does not exist'),
    );
  });
});

describe('a list', () => {
  test('goes on behind a key, across folders', async () => {
    for (const key of ['a', 'b/1', 'b/2', 'b/3', 'b-', 'c/1', 'd']) await write('file:in', key, key);
    const behind = async (after?: string, prefix = '') =>
      (await collect(stores.list('file:in', prefix, undefined, after)))
        .map(({ key }) => key)
        .filter((key) => key !== 'sub');
    const all = await behind();
    expect(all).toEqual(['a', 'b-', 'b/1', 'b/2', 'b/3', 'c/1', 'd']);
    for (const [index, key] of all.entries()) expect(await behind(key)).toEqual(all.slice(index + 1));
    expect(await behind('b/1', 'b/')).toEqual(['b/2', 'b/3']);
    expect(await behind('zzz')).toEqual([]);
  });
});

describe('an object that is not there', () => {
  test('is told from a bucket or a root that is not', async () => {
    await expect(stores.get('file:in', 'none')).rejects.toMatchObject({ missing: true });
    await expect(stores.get('file:none', 'none')).rejects.toMatchObject({ missing: false });
    const missing = createObjectStores({ filesRoot: join(outside, 'missing') });
    await expect(missing.get('file:in', 'none')).rejects.toMatchObject({ missing: false });
  });
});
