import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies are to pass on what comes when it comes; this is how nginx is told.
  'x-accel-buffering': 'no',
};

/** How long a browser waits before it comes again, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * What one client is sent of server-sent events (HTML Living Standard, 9.2). What it has not taken yet is held by its socket only:
 * whoever writes asks first whether there is `room`.
 */
export class EventStream {
  readonly #response: ServerResponse;
  /** When its socket was full first, as beats. */
  #full = 0;

  /** @param signal aborts when the client has gone, and when the server closes */
  constructor(reply: FastifyReply, signal: AbortSignal) {
    reply.hijack();
    this.#response = reply.raw;
    const headers = reply.getHeaders();
    this.#response.writeHead(200, { ...(headers as Record<string, string>), ...HEADERS });
    this.write(`retry: ${RETRY_MS}\n\n`);
    signal.addEventListener('abort', () => this.end(), { once: true });
  }

  get open(): boolean {
    return !(this.#response.destroyed || this.#response.writableEnded);
  }

  /** Whether what was written before is on its way. */
  get room(): boolean {
    return this.open && !this.#response.writableNeedDrain;
  }

  write(frames: string): void {
    if (this.open) this.#response.write(frames);
  }

  /** Resolves when there is room, or never will be. */
  async untilRoom(): Promise<void> {
    if (this.room || !this.open) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#response.once('drain', resolve).once('close', resolve);
    await promise;
    this.#response.off('drain', resolve).off('close', resolve);
  }

  onceClosed(tell: () => void): void {
    if (this.#response.closed) tell();
    else this.#response.once('close', tell);
  }

  /** Says that the stream is alive; gives up a client that has taken nothing for `patience` beats. */
  beat(patience: number): void {
    if (this.room) {
      this.#full = 0;
      this.write(':\n\n');
    } else {
      this.#full += 1;
      if (this.#full >= patience) this.#response.destroy();
    }
  }

  /** What a client has not taken by now it does not get: it comes again, and says what it has. */
  end(): void {
    if (!this.open) return;
    if (this.room) this.#response.end();
    else this.#response.destroy();
  }
}

/** @param id what a client that lost the stream says it had last */
export const frame = (event: string, data: string, id?: string | number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
