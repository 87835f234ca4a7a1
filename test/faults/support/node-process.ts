import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const PRELOAD = new URL('./ends-with-parent.ts', import.meta.url).href;
const LINES_KEPT = 400;

export interface ProcessOptions {
  readonly script: URL;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether this line of its output says that it works. */
  readonly isReady: (line: string) => boolean;
  /** Whether it is started again when it ends by itself. Servers are not: that is a fault. */
  readonly supervised?: boolean;
}

/** A Node process that a test kills, halts and starts again. It ends with the test process, whatever happens to that. */
export class NodeProcess {
  readonly #options: ProcessOptions;
  #script: URL;
  #child: ChildProcess | undefined;
  #ready: Promise<string> = Promise.resolve('');
  #told = false;
  /** The last lines of its output, of all its lives. */
  readonly lines: string[] = [];
  /** How it ended without having been told to: a fault of its own. */
  readonly crashes: string[] = [];

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#script = options.script;
  }

  /** Another version of the program, for its next life. */
  become(script: URL): void {
    this.#script = script;
  }

  /** Resolves to the line that says so when it works. Nothing begins anew when it runs already. */
  start(): Promise<string> {
    if (this.isAlive) return this.#ready;
    const { args = [], env, supervised } = this.#options;
    const script = this.#script;
    const child = spawn(process.execPath, ['--import', PRELOAD, script.pathname, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(tmpdir(), 'stepyard-faults-cache'), ...env },
    });
    this.#child = child;
    this.#told = false;
    child.stdin.on('error', () => {});
    child.once('exit', (code, signal) => {
      if (this.#told) return;
      if (supervised) void this.start();
      else this.crashes.push(`${script.pathname}: ${signal ?? code}: ${this.lines.slice(-5).join('\n')}`);
    });
    this.#ready = this.#listen(child);
    // Who kills it before it is ready does not wait for that.
    this.#ready.catch(() => {});
    return this.#ready;
  }

  /** Whether it was started and has not ended. */
  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get ready(): Promise<string> {
    return this.#ready;
  }

  /** Of the present life, or the last. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As an operator would. Resolves to the exit code. */
  terminate(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Halts it in the middle of whatever it does, until {@link goOn} or for a while. */
  async halt(ms?: number): Promise<void> {
    this.#child?.kill('SIGSTOP');
    if (ms === undefined) return;
    await sleep(ms);
    this.goOn();
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.isAlive) return null;
    this.#told = true;
    const gone = once(child, 'exit');
    child.kill(signal);
    const [code] = await gone;
    return typeof code === 'number' ? code : null;
  }

  #listen(child: ChildProcess): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > LINES_KEPT) this.lines.shift();
        if (this.#options.isReady(line)) resolve(line);
      });
    }
    child.once('exit', () => reject(new Error(`Ended before it was ready: ${this.lines.slice(-5).join('\n')}`)));
    return promise;
  }
}
