import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { GuardedRedis } from '../../support/guarded-redis.ts';
import { startRedis } from '../../support/redis.ts';
import { NodeProcess } from './node-process.ts';

/** The present version. */
export const SERVER = new URL('../../../cli/main.ts', import.meta.url);

export type Role = 'all' | 'api' | 'engine' | 'worker';

export interface DeploymentOptions {
  /** One process for each. */
  readonly roles: readonly Role[];
  readonly fsync?: 'everysec' | 'always';
  /** How long the dead keep what they had. */
  readonly leaseMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The program of all of them; default the present version. */
  readonly script?: URL;
}

/** Several server processes over one Redis, each to be killed and started again. */
export class Deployment {
  readonly redis: GuardedRedis;
  /** In the order of the roles: `engine-0`, `api-1`, ... */
  readonly servers: ReadonlyMap<string, NodeProcess>;
  /** Of the processes that have an API; they keep their ports. */
  readonly urls: readonly string[];

  private constructor(redis: GuardedRedis, servers: ReadonlyMap<string, NodeProcess>, urls: readonly string[]) {
    this.redis = redis;
    this.servers = servers;
    this.urls = urls;
  }

  /** Resolves when all processes work. */
  static async start(options: DeploymentOptions): Promise<Deployment> {
    const { roles, fsync = 'everysec', leaseMs = 1000, env = {}, script = SERVER } = options;
    const redis = await startRedis({ fsync });
    const servers = new Map<string, NodeProcess>();
    const urls: string[] = [];
    for (const [index, role] of roles.entries()) {
      const port = String(await freePort());
      if (role === 'api' || role === 'all') urls.push(`http://127.0.0.1:${port}`);
      const settings = {
        REDIS_URL: `unix://${redis.url}`,
        PORT: port,
        STEPYARD_ROLE: role,
        STEPYARD_LEASE_MS: String(leaseMs),
        STEPYARD_LOG_LEVEL: 'info',
        ...env,
      };
      servers.set(
        `${role}-${index}`,
        new NodeProcess({
          script,
          args: ['server'],
          env: settings,
          isReady: (line) => line.includes('"ready"'),
        }),
      );
    }
    await Promise.all([...servers.values()].map((server) => server.start()));
    return new Deployment(redis, servers, urls);
  }

  server(name: string): NodeProcess {
    const server = this.servers.get(name);
    if (!server) throw new Error(`There is no ${name} among ${[...this.servers.keys()].join(', ')}`);
    return server;
  }

  /** What ended without having been told to. */
  get crashes(): string[] {
    return [...this.servers.values()].flatMap(({ crashes }) => crashes);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.kill()));
    await this.redis.stop();
  }
}

/** Outside the range that outgoing connections take theirs from: a server that is started again finds it free. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const probe = createServer();
    // Rejects when the port is taken.
    const listening = once(probe, 'listening').then(
      () => true,
      () => false,
    );
    probe.listen(port, '127.0.0.1');
    if (!(await listening)) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
