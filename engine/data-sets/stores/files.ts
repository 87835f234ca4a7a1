import { randomUUID } from 'node:crypto';
import { constants, type Dirent, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import {
  changed,
  type GetOptions,
  type ObjectContent,
  ObjectStoreError,
  type ObjectStores,
  type ObjectSummary,
  type ObjectWriter,
} from './object-stores.ts';

/** What a bucket that is a folder begins with: `file:DIR`. */
const FILE_BUCKET = 'file:';

/** What files that are being written begin with. */
const UNFINISHED = '.stepyard-unfinished-';
const CHUNK_BYTES = 64 * 1024;

/** Whether a bucket is a folder. */
export const isFileBucket = (bucket: string): boolean => bucket.startsWith(FILE_BUCKET);

/**
 * Folders as buckets: `file:DIR` is the folder DIR under the root. Names come from definitions and inputs, so `..`, absolute
 * paths and symbolic links are refused: nothing outside the root is read or written.
 *
 * @param root undefined: every bucket is refused, with a cause that names the setting
 */
export function createFileStores(root: string | undefined): ObjectStores {
  return {
    get: (bucket, key, options = {}) => getFile(root, bucket, key, options),
    list: (bucket, prefix, _owner, after) => listFolder(root, bucket, { prefix, after }),
    create: async (bucket, key) => createFile(await place(root, bucket, key)),
    close: async () => {},
  };
}

/** Where an object is: a root without symbolic links and the names that lead from it to the file. */
interface Place {
  readonly root: string;
  readonly names: readonly string[];
  /** For causes. */
  readonly uri: string;
}

async function place(root: string | undefined, bucket: string, key: string): Promise<Place> {
  const uri = `${bucket}/${key}`;
  const names = [...folders(bucket), ...key.split('/')];
  if (names.some((name) => !isPlain(name))) throw refused(uri);
  return { root: await rootFolder(root, bucket), names, uri };
}

const folders = (bucket: string): string[] => bucket.slice(FILE_BUCKET.length).split('/');

/** Whether a name is one of a file or folder and nothing else. */
const isPlain = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[\\\0]/.test(name);

const refused = (uri: string): ObjectStoreError =>
  new ObjectStoreError(
    `${uri} is refused: buckets of files and keys are names separated by single slashes, without ".." and backslashes`,
  );

async function rootFolder(root: string | undefined, bucket: string): Promise<string> {
  if (root === undefined) {
    throw new ObjectStoreError(
      `The bucket ${bucket} is a folder, and no folder is open to executions: set STEPYARD_FILES_ROOT to the one that is`,
    );
  }
  try {
    return await realpath(root);
  } catch (error) {
    throw failure(error, 'STEPYARD_FILES_ROOT');
  }
}

/** Without waiting for whoever writes, should it be a pipe. */
async function openFile(at: Place, bucket: string): Promise<FileHandle> {
  const path = join(at.root, ...at.names);
  try {
    await refuseLinks(at, path);
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw await failedRead(error, at, bucket);
  }
}

async function refuseLinks({ uri }: Place, path: string): Promise<void> {
  if ((await realpath(path)) !== path) {
    throw new ObjectStoreError(`${uri} is refused: it is reached by a symbolic link, which is not followed`);
  }
}

/** To the system a missing bucket is a missing file; who misspelt its name should hear which it is. */
async function failedRead(error: unknown, { root, uri }: Place, bucket: string): Promise<Error> {
  const { code = '' } = error as NodeJS.ErrnoException;
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  if (!isMissing) return failure(error, uri);
  if (await isFolder(join(root, ...folders(bucket)))) {
    return new ObjectStoreError(failure(error, uri).message, { missing: true });
  }
  return new ObjectStoreError(`The bucket ${bucket} does not exist (a folder under STEPYARD_FILES_ROOT)`);
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function getFile(
  root: string | undefined,
  bucket: string,
  key: string,
  { from = 0, to, ifMatch, versionId }: GetOptions,
): Promise<ObjectContent> {
  const at = await place(root, bucket, key);
  const file = await openFile(at, bucket);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new ObjectStoreError(`${at.uri} is not a file`);
    if (versionId !== undefined) throw new ObjectStoreError(`${at.uri} is a file, of which there are no versions`);
    const etag = etagOf(stats);
    if (ifMatch !== undefined && ifMatch !== etag) throw changed(at.uri);
    const wanted = { from, to: Math.min(to ?? stats.size, stats.size), etag };
    return { body: bytesOf(file, wanted, at.uri), size: stats.size, etag };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Size and instant of the last change: what tells versions of a file apart without reading it. */
const etagOf = ({ size, mtimeMs }: Stats): string =>
  `"${size.toString(16)}-${Math.round(mtimeMs * 1000).toString(16)}"`;

/** The file may be written to while it is read: it is the one that was opened only if it still is at the end. */
async function* bytesOf(
  file: FileHandle,
  { from, to, etag }: { readonly from: number; readonly to: number; readonly etag: string },
  uri: string,
): AsyncGenerator<Uint8Array> {
  try {
    for (let at = from; at < to; ) {
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, to - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0 || etagOf(await file.stat()) !== etag) throw changed(uri);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } catch (error) {
    throw failure(error, uri);
  } finally {
    await file.close();
  }
}

/** Keys: with a beginning, behind another one. */
interface Wanted {
  readonly prefix: string;
  readonly after: string | undefined;
}

async function* listFolder(root: string | undefined, bucket: string, wanted: Wanted): AsyncGenerator<ObjectSummary> {
  const names = folders(bucket);
  if (names.some((name) => !isPlain(name))) throw refused(bucket);
  const at: Place = { root: await rootFolder(root, bucket), names, uri: bucket };
  const folder = join(at.root, ...names);
  try {
    await refuseLinks(at, folder);
    yield* objectsIn(folder, '', wanted);
  } catch (error) {
    throw await failedRead(error, at, bucket);
  }
}

async function* objectsIn(folder: string, path: string, wanted: Wanted): AsyncGenerator<ObjectSummary> {
  const { prefix, after } = wanted;
  const isBehind = (key: Buffer): boolean => after === undefined || Buffer.compare(key, Buffer.from(after)) > 0;
  const entries = (await readdir(folder, { withFileTypes: true })).filter(isObject).map((entry) => ({
    entry,
    key: Buffer.from(`${path}${entry.name}${entry.isDirectory() ? '/' : ''}`),
  }));
  entries.sort((left, right) => Buffer.compare(left.key, right.key));
  for (const { entry, key: bytes } of entries) {
    const key = bytes.toString();
    if (entry.isDirectory()) {
      const isWanted = key.startsWith(prefix) || prefix.startsWith(key);
      if (isWanted && (isBehind(bytes) || after?.startsWith(key))) {
        yield* objectsIn(join(folder, entry.name), key, wanted);
      }
    } else if (key.startsWith(prefix) && isBehind(bytes)) {
      yield summaryOf(key, await lstat(join(folder, entry.name)));
    }
  }
}

const isObject = (entry: Dirent): boolean =>
  entry.isDirectory() || (entry.isFile() && !entry.name.startsWith(UNFINISHED));

const summaryOf = (key: string, stats: Stats): ObjectSummary => ({
  key,
  size: stats.size,
  etag: etagOf(stats),
  lastModified: Math.floor(stats.mtimeMs / 1000),
  storageClass: 'STANDARD',
});

async function createFile(at: Place): Promise<ObjectWriter> {
  try {
    const folder = await makeFolders(at);
    const path = join(folder, at.names.at(-1) ?? '');
    const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`);
    const file = await open(unfinished, 'wx');
    return fileWriter(file, unfinished, path, at.uri);
  } catch (error) {
    throw failure(error, at.uri);
  }
}

/** One by one, so that none is made at the far end of a symbolic link. */
async function makeFolders(at: Place): Promise<string> {
  let folder = at.root;
  for (const name of at.names.slice(0, -1)) {
    folder = `${folder}${folder.endsWith(sep) ? '' : sep}${name}`;
    const made = await mkdir(folder, { recursive: true });
    await refuseLinks(at, folder);
    if (made !== undefined) await syncFolder(dirname(folder));
  }
  return folder;
}

/** A name is durable when the folder is that holds it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function fileWriter(file: FileHandle, unfinished: string, path: string, uri: string): ObjectWriter {
  const told = async (what: Promise<unknown>): Promise<void> => {
    try {
      await what;
    } catch (error) {
      throw failure(error, uri);
    }
  };
  return {
    write: (bytes) => told(file.writeFile(bytes)),
    close: async () => {
      await told(file.sync());
      await file.close();
      await told(rename(unfinished, path));
      await told(syncFolder(dirname(path)));
    },
    abort: async () => {
      await file.close();
      await rm(unfinished, { force: true });
    },
  };
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read or written by this process',
  EEXIST: 'has a file where a folder must be',
  EISDIR: 'is a folder',
};

function failure(error: unknown, uri: string): Error {
  if (error instanceof ObjectStoreError) return error;
  // The system's own words name the path, which is nobody's business who only sees the bucket.
  const { code = '' } = error as NodeJS.ErrnoException;
  return new ObjectStoreError(`${uri} ${CAUSES[code] ?? `cannot be used: ${code}`}`);
}
