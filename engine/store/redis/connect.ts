import { Redis, type RedisOptions } from 'ioredis';

/**
 * ioredis options for `redis://[user:password@]host[:port][/db]`, `rediss://...` (TLS),
 * `unix:///path/to.sock[?db=n&password=...]`, or just the path of a socket.
 *
 * @throws Error for anything else; the message shows no password.
 */
export function redisOptions(url: string): RedisOptions {
  if (url.startsWith('/')) return { path: url };
  if (!URL.canParse(url)) throw new Error('The Redis URL is not a URL: give redis://, rediss:// or unix:///path.');
  const parsed = new URL(url);
  const query = parsed.searchParams;
  const username = decodeURIComponent(parsed.username) || query.get('username');
  const password = decodeURIComponent(parsed.password) || query.get('password');
  const credentials = { ...(username && { username }), ...(password && { password }) };
  switch (parsed.protocol) {
    case 'redis:':
    case 'rediss:':
      return {
        host: parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
        port: Number(parsed.port || 6379),
        db: Number(parsed.pathname.slice(1) || query.get('db') || 0),
        ...credentials,
        ...(parsed.protocol === 'rediss:' && { tls: {} }),
      };
    case 'unix:':
      return {
        path: decodeURIComponent(parsed.pathname),
        db: Number(query.get('db') ?? 0),
        ...credentials,
      };
    default:
      throw new Error(`The Redis URL begins with ${parsed.protocol}// : give redis://, rediss:// or unix:///path.`);
  }
}

/** A socket that answers nothing for this long is dead: it is replaced, and what it carried is sent again. */
const SILENCE_MS = 10_000;
/** Reads wait less than that, or a quiet inbox would look like a dead socket. */
export const MAX_BLOCK_MS = SILENCE_MS / 2;
/** With the delays of {@link reconnectDelayMs} a request fails 8 to 10 s after Redis went away. */
const REQUEST_RETRIES = 20;

const reconnectDelayMs = (attempt: number): number => Math.min(attempt * 50, 500);

/** ioredis, with what it lacks. */
class Connection extends Redis {
  /** Connections that were given up in turn since they were silent. */
  #silent = 0;

  constructor(options: RedisOptions) {
    super(options);
    this.on('ready', () => {
      this.#silent = 0;
    });
    this.on('error', (error) => {
      if (!SILENCE.test(error.message)) return;
      this.#silent += 1;
      // After the connection has closed. One that is silent may be half open; if the next one is, too, Redis hangs.
      if (this.#silent > 1 && options.maxRetriesPerRequest !== null) setImmediate(() => this.#refuse(error));
    });
    // It forgets the timer of `socketTimeout` when a socket closes with commands on their way. That would cut the connection
    // that comes next, or keep a process alive that is done.
    this.on('close', () => {
      clearTimeout(Reflect.get(this, TIMER));
      Reflect.deleteProperty(this, TIMER);
    });
  }

  /**
   * Commands that come up while the sockets are looked through go out together: a write to a socket costs more than
   * the command itself. With little to do that is at once.
   */
  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const { stream } = this;
    if (stream?.writableCorked === 0) {
      stream.cork();
      setImmediate(() => stream.uncork());
    }
    return super.sendCommand(...args);
  }

  /** Its own limit of attempts leaves out what was on its way when the first connection was lost, and would come after minutes. */
  #refuse(error: Error): void {
    for (const name of QUEUES) {
      const queue: Queue | null | undefined = Reflect.get<object, string>(this, name);
      for (let item = queue?.shift(); item; item = queue?.shift()) item.command.reject(error);
    }
  }

  /** BullMQ makes its blocking connections so. */
  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    return new Connection({ ...this.options, ...override });
  }
}

const TIMER = 'socketTimeoutTimer';

/** What ioredis says of a socket that it gives up for its silence. */
const SILENCE = /^Socket timeout/;

/** Where ioredis keeps commands that wait for an answer or for a connection. */
const QUEUES = ['prevCommandQueue', 'commandQueue', 'offlineQueue'] as const;
interface Queue {
  shift(): { readonly command: { reject(error: Error): void } } | undefined;
}

/**
 * `requests` fail when Redis stays away. `owner` and `reader` wait for it, however long: what they send is recognised
 * when it arrives twice. `live` only listens, and subscribes again by itself.
 */
export type ConnectionRole = 'requests' | 'owner' | 'reader' | 'live';

export function connect(url: string, role: ConnectionRole, onError: (error: Error) => void): Redis {
  const connection = new Connection({
    ...redisOptions(url),
    connectionName: `stepyard-${role}`,
    connectTimeout: 5_000,
    socketTimeout: SILENCE_MS,
    maxRetriesPerRequest: role === 'requests' ? REQUEST_RETRIES : null,
    retryStrategy: reconnectDelayMs,
    autoResubscribe: role !== 'live',
    // A process that owns no shards or shows nothing never needs the others.
    lazyConnect: role !== 'requests',
    // A primary that became a replica answers so until the connection is made anew.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  });
  connection.on('error', onError);
  return connection;
}
