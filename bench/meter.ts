import type { Redis } from 'ioredis';

/** What some work cost, in all. */
export interface Cost {
  /** CPU of the Node process that was looked at. */
  readonly nodeUs: number;
  /** CPU of Redis' main thread. */
  readonly redisUs: number;
  /** Commands that Redis executed, those inside scripts included. */
  readonly commands: number;
  readonly scripts: number;
  /** How often Redis read from a socket: commands that were sent together are one round trip. */
  readonly reads: number;
}

/** CPU microseconds that a Node process has used so far. */
export type NodeClock = () => Promise<number>;

export const ownClock: NodeClock = async () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Reads what Redis and a Node process have used so far; two readings tell the cost of what was done between them. */
export async function readMeter(redis: Redis, clock: NodeClock): Promise<Cost> {
  const nodeUs = await clock();
  const [cpu, stats, commandStats] = await Promise.all([
    redis.info('cpu'),
    redis.info('stats'),
    redis.info('commandstats'),
  ]);
  const calls = [...commandStats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)];
  const count = (wanted: (name: string) => boolean): number =>
    calls.reduce((sum, [, name = '', number]) => sum + (wanted(name) ? Number(number) : 0), 0);
  return {
    nodeUs,
    redisUs: 1e6 * (field(cpu, 'used_cpu_sys_main_thread') + field(cpu, 'used_cpu_user_main_thread')),
    commands: count((name) => !isScript(name)),
    scripts: count(isScript),
    reads: field(stats, 'total_reads_processed'),
  };
}

export function costBetween(before: Cost, after: Cost): Cost {
  return {
    nodeUs: after.nodeUs - before.nodeUs,
    redisUs: after.redisUs - before.redisUs,
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
    reads: after.reads - before.reads,
  };
}

const isScript = (name: string): boolean => /^(eval|evalsha|fcall)/.test(name);

const field = (info: string, name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? 0);
