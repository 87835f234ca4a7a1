import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Server {
  readonly endpoint: string;
  /** Whether it was started for the example. */
  readonly isOwn: boolean;
}

/** Something to be ended when the example is over. */
export type Cleanup = () => Promise<void>;
export type OnExit = (cleanup: Cleanup) => void;

const DEFAULT_ENDPOINT = 'http://127.0.0.1:8083';
const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const POLL_MS = 25;

/**
 * The server to run an example on: the one at STEPYARD_ENDPOINT, else the one that `npm start` runs on this machine, else one
 * of the example's own.
 *
 * @throws Error when STEPYARD_ENDPOINT is set and nothing answers there
 */
export async function useServer(onExit: OnExit): Promise<Server> {
  const named = process.env['STEPYARD_ENDPOINT'];
  const endpoint = named || DEFAULT_ENDPOINT;
  if (await answers(endpoint)) return { endpoint, isOwn: false };
  if (named) throw new Error(`Nothing answers at ${named} (STEPYARD_ENDPOINT)`);
  return startServer(onExit);
}

/** A server on a free port, with a temporary data folder that goes with it. */
async function startServer(onExit: OnExit): Promise<Server> {
  if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is missing: run npm run build`);
  const folder = mkdtempSync(join(tmpdir(), 'stepyard-example-'));
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const log = join(folder, 'server.log');
  const output = openSync(log, 'a');
  const { REDIS_URL: _notTheirs, ...env } = process.env;
  const args = [COMMAND, 'server', '--port', new URL(endpoint).port, '--data', join(folder, 'data')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', output, output] });
  onExit(async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  });
  while (!(await answers(endpoint))) {
    if (hasEnded(child)) throw new Error(`The server did not start:\n${readFileSync(log, 'utf8')}`);
    await sleep(POLL_MS);
  }
  return { endpoint, isOwn: true };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const { ok } = await fetch(new URL('/healthz', endpoint), { signal: AbortSignal.timeout(2000) });
    return ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port is free');
  return address.port;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Ends a process in the friendly way and resolves when it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
