import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRedisServer, probeRedis, redisArguments, redisEnvironment } from '../../cli/redis-server.ts';

/**
 * A shell between us and Redis ends it and clears up when our end of its input closes, however we died.
 * The word "keep" ends it without clearing up. It ignores Ctrl-C, which the whole group gets.
 */
const GUARD = `
trap '' INT TERM
folder=$1; shift
"$@" >>"$folder/redis.log" 2>&1 </dev/null &
echo $!
read -r word
kill -9 $! 2>/dev/null
wait
[ "$word" = keep ] || rm -rf "$folder"
`;

const LIMIT_MS = 20_000;

/** A redis-server in a temporary folder that ends with the process which started it. */
export class GuardedRedis {
  /** To be given to ioredis as its address. */
  readonly url: string;
  readonly #arguments: string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'stepyard-test-'));
  #guard: ChildProcess | undefined;
  #pid = 0;

  constructor({ fsync = 'everysec' }: { readonly fsync?: 'everysec' | 'always' }) {
    this.url = join(this.#folder, 'redis.sock');
    this.#arguments = redisArguments({ folder: this.#folder, socketPath: this.url, fsync });
  }

  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void> {
    return this.#end('keep\n');
  }

  /** Starts it again on the same data: after {@link kill}, or after ending it cleanly (SIGTERM). Resolves when it answers. */
  async restart(): Promise<void> {
    if (this.#guard) await this.#endCleanly();
    const guard = spawn('sh', ['-c', GUARD, 'sh', this.#folder, findRedisServer(), ...this.#arguments], {
      env: redisEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#guard = guard;
    const [line] = await once(guard.stdout, 'data');
    this.#pid = Number(String(line));
    await this.#until('ready');
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.#end('');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #until(wanted: 'ready' | 'absent'): Promise<void> {
    const limit = Date.now() + LIMIT_MS;
    while ((await probeRedis(this.url)) !== wanted) {
      if (Date.now() > limit) throw new Error(`redis-server is not ${wanted}; see ${join(this.#folder, 'redis.log')}`);
      await sleep(5);
    }
  }

  async #endCleanly(): Promise<void> {
    process.kill(this.#pid, 'SIGTERM');
    await this.#until('absent');
    await this.#end('keep\n');
  }

  async #end(word: string): Promise<void> {
    const guard = this.#guard;
    this.#guard = undefined;
    if (!guard) return;
    const gone = once(guard, 'exit');
    guard.stdin?.end(word);
    await gone;
  }
}
