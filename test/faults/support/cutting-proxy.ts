import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisRequests } from './redis-requests.ts';

/** `before`: Redis never sees the command. `after`: Redis has done it, and the sender never hears of that. */
export type Cut = 'before' | 'after';

/** Asked for every command on its way to Redis; what it answers ends the connection. */
export type Cutter = (words: readonly string[]) => Cut | undefined;

/** Stands between clients and Redis, and cuts connections just where it hurts. */
export class CuttingProxy {
  /** A unix socket, as Redis itself has one. */
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'stepyard-proxy-'));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections before this one are mute. */
  #mute = 0;
  #joined = 0;

  constructor(redisPath: string, cutter: Cutter) {
    this.path = join(this.#folder, 'proxy.sock');
    this.#server = createServer((client) => this.#join(client, createConnection(redisPath), cutter));
    this.#server.listen(this.path);
  }

  /** From now on nothing comes through on the connections that there are, and nobody is told: their other ends have vanished. */
  silence(): void {
    this.#mute = this.#joined;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #join(client: Socket, redis: Socket, cutter: Cutter): void {
    const requests = new RedisRequests();
    const number = this.#joined;
    this.#joined += 1;
    const isMute = () => number < this.#mute;
    const end = () => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      this.#sockets.add(socket);
      socket
        .on('error', end)
        .on('close', end)
        .once('close', () => this.#sockets.delete(socket));
    }
    let cut: Cut | undefined;
    redis.on('data', (chunk: Buffer) => {
      if (!cut && !isMute()) client.write(chunk);
    });
    client.on('data', (chunk: Buffer) => {
      if (isMute()) return;
      for (const { words, bytes } of requests.push(chunk)) {
        if (cut) return;
        cut = cutter(words);
        if (cut === 'before') return end();
        redis.write(bytes);
        if (cut === 'after') endWhenDone(redis, end);
      }
    });
  }
}

/** Redis answers in order: when it answers this, it has done everything before. */
function endWhenDone(redis: Socket, end: () => void): void {
  const word = randomUUID();
  let seen = '';
  redis.on('data', (chunk: Buffer) => {
    seen = (seen + chunk.toString('latin1')).slice(-2 * word.length);
    if (seen.includes(word)) end();
  });
  redis.write(`*2\r\n$4\r\nECHO\r\n$${word.length}\r\n${word}\r\n`);
}
