import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './start-error.ts';

/** A folder that one Stepyard at a time keeps its data in. */
export interface DataFolder {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Where its unix sockets are: the folder itself, unless their paths would be too long there. */
  readonly sockets: string;
  /** Lets the next Stepyard have it. */
  release(): Promise<void>;
}

/**
 * Creates the folder when it is missing and locks it for this process.
 *
 * @throws StartError when another Stepyard has it, or it cannot be created or written
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = ensureFolder(folder);
  const sockets = socketFolder(path);
  const lock = await takeLock(join(sockets, 'lock.sock'), path).catch((error) => {
    throw error instanceof StartError ? error : unwritable(path, error);
  });
  return { path, sockets, release: () => release(lock, path, sockets) };
}

/** Where the Redis of a data folder listens, if it runs. @throws StartError */
export const redisSocketIn = (folder: string): string => join(socketFolder(realpathSync(folder)), SOCKET);

/** The name of Redis's socket. */
export const SOCKET = 'redis.sock';

function ensureFolder(folder: string): string {
  try {
    makeFolder(resolve(folder));
  } catch (error) {
    throw new StartError(`The data folder ${folder} cannot be created: ${(error as Error).message}`);
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(folder, error);
  }
  return realpathSync(folder);
}

/** With its parents, one by one: Node's `recursive` never returns where nothing can be created, as in /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process that starts at the same time may have been faster.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

const unwritable = (folder: string, error: unknown): StartError =>
  new StartError(
    `The data folder ${folder} cannot be written: ${(error as Error).message}. ` +
      'Let the user that runs Stepyard write there, or choose another folder with --data',
  );

async function release(lock: Server, path: string, sockets: string): Promise<void> {
  await new Promise<void>((resolve) => lock.close(() => resolve()));
  // Not when a redis-server is still there: whoever adopts it needs its socket.
  if (sockets !== path && readdirSync(sockets).length === 0) rmdirSync(sockets);
}

/** The kernel's limit for the path of a unix socket is 108 bytes on Linux and 104 on macOS, the end included. */
const LONGEST_SOCKET_PATH = 100;

function socketFolder(path: string): string {
  // ioredis reads what follows a question mark in a path as options.
  if (Buffer.byteLength(join(path, SOCKET)) <= LONGEST_SOCKET_PATH && !path.includes('?')) return path;
  const short = join(tmpdir(), `stepyard-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`);
  mkdirSync(short, { recursive: true, mode: 0o700 });
  const found = lstatSync(short);
  // Everybody may create names in the temporary folder: one that is not ours could hand out our Redis.
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new StartError(`${short} belongs to somebody else: remove it, or choose a data folder with a shorter path`);
  }
  chmodSync(short, 0o700);
  return short;
}

/**
 * A socket that is listened on is a lock which the kernel releases however its owner dies. A process id in a file is not:
 * ids are used again, in containers nearly always. The socket answers with its owner, for the next one's message.
 */
async function takeLock(socketPath: string, folder: string): Promise<Server> {
  const owner = `${process.pid} ${randomUUID()}`;
  const holder = await ownerOf(socketPath);
  if (holder !== undefined) throw inUse(folder, holder);
  rmSync(socketPath, { force: true });
  const server = createServer((connection) => {
    connection.on('error', () => {});
    connection.end(owner);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  server.unref();
  // Two that find the same dead lock both come this far, the later one in the place of the earlier.
  await sleep(SETTLE_MS);
  const winner = await ownerOf(socketPath);
  if (winner !== owner) throw inUse(folder, winner ?? '');
  return server;
}

const SETTLE_MS = 50;
const ANSWER_MS = 1000;

/** Who listens there, as it calls itself: empty when it does not answer in time, undefined when nobody listens. */
function ownerOf(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const connection = createConnection(socketPath);
    connection.setTimeout(ANSWER_MS, () => connection.destroy());
    connection.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    connection.once('error', () => resolve(undefined));
    connection.once('close', () => resolve(answer));
  });
}

function inUse(folder: string, owner: string): StartError {
  const who = owner ? `process ${owner.split(' ')[0]}` : 'its process does not answer';
  return new StartError(
    `Another Stepyard (${who}) uses the data folder ${folder}. Stop it, or give this one a folder of its own with --data. ` +
      'To run several processes as one system, give all of them the same REDIS_URL',
  );
}
