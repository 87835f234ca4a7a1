import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NodeClock } from './meter.ts';
import type { ProcessUsage } from './server-probe.ts';

export interface ServerOptions {
  readonly redisUrl: string;
  readonly role?: 'all' | 'api' | 'engine';
  readonly leaseMs?: number;
  /** Where `file:` buckets are. */
  readonly filesRoot?: string;
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** A `stepyard server` in a process of its own, on a free port. */
export class Server {
  /** Where its API listens; empty when its role has none. */
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#process = child;
    this.url = url;
  }

  static async start({ redisUrl, role = 'all', leaseMs = 10_000, filesRoot }: ServerOptions): Promise<Server> {
    const args = ['--import', pathOf('server-probe.ts'), pathOf('../cli/main.ts'), 'server', '--port', '0'];
    const flags = ['--redis-url', redisUrl, '--role', role, '--lease-ms', String(leaseMs), '--log-level', 'info'];
    if (filesRoot !== undefined) flags.push('--files-root', filesRoot);
    // As `npm start` runs it.
    const { child, url } = await startProcess(['--max-semi-space-size=16', ...args, ...flags]);
    return new Server(child, url);
  }

  async usage(): Promise<ProcessUsage> {
    this.#process.send({});
    const [usage] = await once(this.#process, 'message');
    return usage as ProcessUsage;
  }

  /** Its CPU time, for the meter. */
  readonly clock: NodeClock = async () => (await this.usage()).cpuUs;

  /** SIGKILL: as a crash. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill(signal);
    await gone;
  }
}

/**
 * Starts a Node process that logs JSON lines and resolves when one says that it is ready. It ends with this process.
 *
 * @throws Error with what it wrote to stderr when it ends before
 */
export async function startProcess(args: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let told = '';
  child.stderr?.on('data', (text) => {
    told += String(text);
  });
  if (!child.stdout) throw new Error('The process has no output');
  for await (const line of createInterface(child.stdout)) {
    const { msg, url = '' } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg !== 'ready') continue;
    child.stdout.on('data', () => {}).resume();
    return { child, url };
  }
  throw new Error(`The process did not start: ${told}`);
}
