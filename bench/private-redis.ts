import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findRedisServer, probeRedis, redisArguments, redisEnvironment } from '../cli/redis-server.ts';

/** A redis-server of the benchmark's own, with the settings of the one that Stepyard starts: AOF, on a unix socket. */
export class PrivateRedis {
  readonly url: string;
  /** For looking at the server and clearing it; what is measured has connections of its own. */
  readonly admin: Redis;
  readonly #folder: string;
  readonly #server: ChildProcess;

  private constructor(folder: string, socketPath: string, server: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
    this.url = `unix://${socketPath}`;
    this.admin = new Redis({ path: socketPath });
  }

  static async start(fsync: 'everysec' | 'always'): Promise<PrivateRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'stepyard-bench-'));
    const socketPath = join(folder, 'redis.sock');
    // No rewriting of the log in the middle of a measurement: `clear` does it between two.
    const args = [...redisArguments({ folder, socketPath, fsync }), '--auto-aof-rewrite-percentage', '0'];
    const server = spawn(findRedisServer(), args, { env: redisEnvironment(), stdio: 'ignore' });
    process.once('exit', () => {
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    while ((await probeRedis(socketPath)) !== 'ready') {
      if (server.exitCode !== null) throw new Error('redis-server ended while starting');
      await sleep(10);
    }
    return new PrivateRedis(folder, socketPath, server);
  }

  /** Empties it: each measurement finds the same server. */
  async clear(): Promise<void> {
    await this.admin.flushall('SYNC');
    await this.admin.bgrewriteaof();
    while (/aof_rewrite_(in_progress|scheduled):1/.test(await this.admin.info('persistence'))) await sleep(10);
  }

  async version(): Promise<string> {
    return /redis_version:(\S+)/.exec(await this.admin.info('server'))?.[1] ?? 'unknown';
  }

  /** Bytes that its data take. */
  async usedMemory(): Promise<number> {
    return Number(/used_memory:(\d+)/.exec(await this.admin.info('memory'))?.[1]);
  }

  async stop(): Promise<void> {
    this.admin.disconnect();
    const gone = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
