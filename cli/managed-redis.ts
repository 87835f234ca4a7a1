import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder, openDataFolder, SOCKET } from './data-folder.ts';
import { askRedis, findRedisServer, pidFile, probeRedis, redisArguments, redisEnvironment } from './redis-server.ts';
import { StartError } from './start-error.ts';

/** What the managed Redis reports to; a pino logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ManagedRedisOptions {
  readonly dataDir: string;
  readonly fsync: 'everysec' | 'always';
  readonly log: Log;
}

const POLL_MS = 10;
const START_LIMIT_MS = 30_000;
const LOADING_NOTE_MS = 5000;
const STOP_LIMIT_MS = 30_000;
const SHORTEST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;
const STEADY_MS = 30_000;

/**
 * A private redis-server in the data folder, on a unix socket. It outlives a Stepyard that is killed, and the next one
 * adopts it. When it dies by itself it is started again.
 */
export class ManagedRedis {
  /** To be given to ioredis as its address. */
  readonly socketPath: string;
  readonly #folder: DataFolder;
  readonly #options: ManagedRedisOptions;
  readonly #stopping = new AbortController();
  /** Undefined when the server was adopted. */
  #child: ChildProcess | undefined;
  /** An idle connection: it closes when the server is gone, whoever started that. */
  #lifeline: Socket | undefined;
  #supervision: Promise<void> = Promise.resolve();

  private constructor(folder: DataFolder, options: ManagedRedisOptions) {
    this.#folder = folder;
    this.#options = options;
    this.socketPath = join(folder.sockets, SOCKET);
  }

  /**
   * Resolves when Redis answers and has read all its data.
   *
   * @throws StartError when there is no redis-server, it does not start, or another Stepyard uses the folder
   */
  static async start(options: ManagedRedisOptions): Promise<ManagedRedis> {
    const folder = await openDataFolder(options.dataDir);
    const managed = new ManagedRedis(folder, options);
    try {
      await managed.#ensure();
    } catch (error) {
      await folder.release();
      throw error;
    }
    managed.#supervision = managed.#supervise();
    return managed;
  }

  /** Stops Redis, everything written. Whoever uses it should have disconnected before. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    await this.#supervision;
    this.#child?.ref();
    this.#lifeline?.ref();
    const gone = this.#child ? exited(this.#child) : closed(this.#lifeline);
    // It closes the connection instead of answering.
    await askRedis(this.socketPath, 'SHUTDOWN', 'NOSAVE').catch(() => {});
    const late = sleep(STOP_LIMIT_MS, 'late', { ref: false });
    if ((await Promise.race([gone, late])) === 'late') {
      this.#options.log.warn({ folder: this.#folder.path }, 'redis-server is still stopping');
    }
    await this.#folder.release();
  }

  /** Adopts the server that runs on the socket already, or starts one. */
  async #ensure(): Promise<void> {
    this.#child = undefined;
    if ((await probeRedis(this.socketPath)) === 'absent') this.#child = this.#spawn();
    await this.#untilReady();
    if (!this.#child) {
      await askRedis(this.socketPath, 'CONFIG', 'SET', 'appendfsync', this.#options.fsync);
      this.#options.log.info({ folder: this.#folder.path }, 'adopted the redis-server that runs in the data folder');
    }
    this.#lifeline = createConnection(this.socketPath).unref();
    this.#lifeline.on('error', () => {});
  }

  #spawn(): ChildProcess {
    const { path } = this.#folder;
    this.#refuseSilentServer();
    const output = openSync(this.#logFile, 'a', 0o600);
    const args = redisArguments({ folder: path, socketPath: this.socketPath, fsync: this.#options.fsync });
    // In a process group of its own: Ctrl-C is for Stepyard, which stops Redis last.
    const child = spawn(findRedisServer(), args, {
      cwd: path,
      detached: true,
      env: redisEnvironment(),
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    child.on('error', (error) => this.#options.log.error({ err: error }, 'redis-server could not be run'));
    child.unref();
    return child;
  }

  /** Two servers on one append-only file would ruin it. */
  #refuseSilentServer(): void {
    const pid = readText(pidFile(this.#folder.path)).trim();
    if (!pid || !commandOf(pid).includes(this.socketPath)) return;
    throw new StartError(
      `redis-server (process ${pid}) runs in the data folder ${this.#folder.path} but does not answer: stop it first`,
    );
  }

  async #untilReady(): Promise<void> {
    const started = Date.now();
    let noted = started;
    for (;;) {
      this.#stopping.signal.throwIfAborted();
      const state = await probeRedis(this.socketPath);
      if (state === 'ready') return;
      const now = Date.now();
      if (state === 'loading' && now - noted >= LOADING_NOTE_MS) {
        noted = now;
        this.#options.log.info({ seconds: Math.round((now - started) / 1000) }, 'redis-server reads its data');
      }
      if (state === 'absent') this.#refuseFailedStart(now - started);
      await sleep(POLL_MS);
    }
  }

  #refuseFailedStart(elapsedMs: number): void {
    if (!isEnded(this.#child) && elapsedMs < START_LIMIT_MS) return;
    this.#child?.kill();
    const lastLines = readText(this.#logFile).trimEnd().split('\n').slice(-5).join('\n');
    throw new StartError(`redis-server did not start. The end of ${this.#logFile}:\n${lastLines}`);
  }

  get #logFile(): string {
    return join(this.#folder.path, 'redis.log');
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    let backoffMs = SHORTEST_BACKOFF_MS;
    while (!signal.aborted) {
      const since = Date.now();
      await Promise.race([closed(this.#lifeline), aborted(signal)]);
      if (signal.aborted) return;
      if (Date.now() - since > STEADY_MS) backoffMs = SHORTEST_BACKOFF_MS;
      this.#options.log.error({ backoffMs }, 'redis-server is gone; starting it again');
      await sleep(backoffMs, undefined, { signal }).catch(() => {});
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      if (!signal.aborted) await this.#tryAgain();
    }
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.#ensure();
      this.#options.log.info({}, 'redis-server is back');
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#options.log.error({ err: error }, 'redis-server could not be started again');
    }
  }
}

const isEnded = (child: ChildProcess | undefined): boolean =>
  child !== undefined && (child.exitCode !== null || child.signalCode !== null || child.pid === undefined);

async function exited(child: ChildProcess): Promise<void> {
  if (!isEnded(child)) await once(child, 'exit');
}

async function closed(socket: Socket | undefined): Promise<void> {
  if (socket && !socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The command line of a process; Redis shows its socket there. Empty when there is no such process. */
const commandOf = (pid: string): string =>
  readText(`/proc/${pid}/cmdline`) || spawnSync('ps', ['-o', 'args=', '-p', pid]).stdout?.toString() || '';
