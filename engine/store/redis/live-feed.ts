import type { Redis } from 'ioredis';
import type { ExecutionId } from '../../../schemas/task.ts';
import { changedId, parseChange } from '../changes.ts';
import { type Hear, Listeners, type LiveFeed } from '../live.ts';
import { keysOf, type ShardKeys } from './keys.ts';

/** How often a connection that says nothing is asked whether it is alive. */
const PING_MS = 5_000;

/** Hears the channels of shards, on a connection of its own that is made when somebody listens for the first time. */
export class RedisLiveFeed implements LiveFeed {
  readonly #connection: Redis;
  readonly #keys: readonly ShardKeys[];
  readonly #listeners = new Listeners();
  /** How many listen to each channel. */
  readonly #channels = new Map<string, number>();
  #pings: NodeJS.Timeout | undefined;

  /** @param connection connects when it is used, and does not subscribe again by itself */
  constructor(connection: Redis, keys: readonly ShardKeys[]) {
    this.#connection = connection;
    this.#keys = keys;
    connection.on('message', (_channel: string, text: string) => this.#hear(text));
    // What was asked for before there was a connection is sent with the first one.
    connection.once('ready', () => connection.on('ready', () => this.#again()));
  }

  watch(id: ExecutionId, hear: Hear): () => void {
    return this.#listen(id, [keysOf(this.#keys, id).live], hear);
  }

  watchAll(hear: Hear): () => void {
    return this.#listen(
      undefined,
      this.#keys.map(({ live }) => live),
      hear,
    );
  }

  close(): void {
    clearInterval(this.#pings);
    this.#connection.disconnect();
  }

  #listen(id: ExecutionId | undefined, channels: readonly string[], hear: Hear): () => void {
    // Of its own, so that nobody who listens twice is taken for one.
    const once: Hear = (change) => hear(change);
    let listening = true;
    this.#listeners.add(id, once);
    for (const channel of channels) this.#channels.set(channel, (this.#channels.get(channel) ?? 0) + 1);
    this.#pings ??= setInterval(() => this.#connection.ping().catch(disconnected), PING_MS).unref();
    // Also to a channel that is subscribed to: commands are answered in order, so it is by the time of the answer.
    this.#subscribe(channels, () => {
      if (listening) once('missed');
    });
    return () => {
      if (!listening) return;
      listening = false;
      this.#listeners.remove(id, once);
      this.#leave(channels);
    };
  }

  #subscribe(channels: readonly string[], then: () => void): void {
    this.#connection.subscribe(...channels).then(then, disconnected);
  }

  #leave(channels: readonly string[]): void {
    const left: string[] = [];
    for (const channel of channels) {
      const count = (this.#channels.get(channel) ?? 0) - 1;
      if (count > 0) this.#channels.set(channel, count);
      else {
        this.#channels.delete(channel);
        left.push(channel);
      }
    }
    if (left.length > 0) this.#connection.unsubscribe(...left).catch(disconnected);
    if (this.#channels.size > 0) return;
    clearInterval(this.#pings);
    this.#pings = undefined;
  }

  #hear(text: string): void {
    for (const line of text.split('\n')) {
      if (!this.#listeners.wants(changedId(line))) continue;
      const change = parseChange(line);
      if (change) this.#listeners.tell(change);
    }
  }

  /** A new connection knows no subscriptions, and nobody knows what was said meanwhile. */
  #again(): void {
    const channels = [...this.#channels.keys()];
    if (channels.length > 0) this.#subscribe(channels, () => this.#listeners.tellMissed());
  }
}

/** The connection was closed, or is made anew, which subscribes again. */
const disconnected = (): undefined => undefined;
