import { existsSync } from 'node:fs';
import type { ShardStatistics, StoreCondition } from '../../engine/index.ts';
import { type Check, failed, ok, reasonOf, warning } from '../../engine/observability/health/check.ts';
import { countOf, judgeMemory, judgeOwners, judgeSafety } from '../../engine/observability/health/judge-store.ts';
import { type Inspection, inspectRedis } from '../../engine/store/redis/inspect.ts';
import type { Config } from '../../schemas/config.ts';
import { redisSocketIn } from '../data-folder.ts';
import { probeRedis } from '../redis-server.ts';
import { checkRedis } from '../start-checks.ts';

/** How the Redis of the settings stands, and the deployment on it. Nothing is started, and nothing is written. */
export async function checkStore(config: Config): Promise<readonly Check[]> {
  const url = config.redisUrl ?? (await privateRedis(config.dataDir));
  if (url === undefined) {
    return [
      warning('redis', 'The private Redis does not run: start Stepyard, and ask again for what is to be known of it.'),
    ];
  }
  try {
    await checkRedis(url);
  } catch (error) {
    return [failed('redis', reasonOf(error))];
  }
  const inspection = inspectRedis(url);
  try {
    return await inspect(inspection, config);
  } catch (error) {
    return [failed('redis', `Redis cannot be looked into: ${reasonOf(error)}.`)];
  } finally {
    inspection.close();
  }
}

async function privateRedis(folder: string): Promise<string | undefined> {
  if (!existsSync(folder)) return undefined;
  const socketPath = redisSocketIn(folder);
  return (await probeRedis(socketPath)) === 'absent' ? undefined : `unix://${socketPath}`;
}

async function inspect(inspection: Inspection, config: Config): Promise<readonly Check[]> {
  const condition = await inspection.statistics(0).condition(false);
  const asOfMs = Date.now();
  return [
    ok('redis', `${condition.server} answers.`),
    ...judgeSafety(condition),
    judgeMemory(condition),
    judgeClock(condition, asOfMs),
    await measureLatency(inspection),
    ...(await checkDeployment(inspection, config)),
  ];
}

/** Instants are those of Redis; what the machine's own clock decides is when a signature is too old, and when Express executions began. */
const CLOCK_MS = 1000;

function judgeClock({ clockMs }: StoreCondition, asOfMs: number): Check {
  const name = 'clock';
  const aheadMs = asOfMs - clockMs;
  const told = `This machine's clock is ${Math.abs(Math.round(aheadMs))} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} that of Redis`;
  return Math.abs(aheadMs) < CLOCK_MS
    ? ok(name, `${told}.`)
    : warning(name, `${told}: let both follow a time server (NTP).`);
}

const PINGS = 100;
/** Every request waits for Redis once or twice. */
const SLOW_MS = 5;

async function measureLatency(inspection: Inspection): Promise<Check> {
  const name = 'latency';
  const times: number[] = [];
  for (let count = 0; count < PINGS; count += 1) {
    const askedMs = performance.now();
    await inspection.ping();
    times.push(performance.now() - askedMs);
  }
  times.sort((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [times[Math.floor(PINGS * 0.5)], times[Math.floor(PINGS * 0.99)]];
  const told = `Redis answers within ${p50.toFixed(2)} ms (p50) and ${p99.toFixed(2)} ms (p99)`;
  return p50 < SLOW_MS ? ok(name, `${told}.`) : warning(name, `${told}: everything waits for that. Bring it nearer.`);
}

async function checkDeployment(inspection: Inspection, config: Config): Promise<readonly Check[]> {
  const count = await inspection.shardCount();
  if (count === undefined)
    return [ok('shards', 'No Stepyard was ever started on this Redis: its shards are still to come.')];
  const shards = await inspection.statistics(count).shards(Array.from({ length: count }, (_, shard) => shard));
  return [judgeShardCount(count, config), judgeOwners(shards), await judgeEngines(inspection), judgeBacklog(shards)];
}

function judgeShardCount(count: number, { shards }: Config): Check {
  if (count === shards) return ok('shards', `The deployment has ${countOf(count, 'shard')}.`);
  return failed(
    'shards',
    `The deployment has ${countOf(count, 'shard')}, but the settings say ${shards}: set STEPYARD_SHARDS=${count}.`,
  );
}

async function judgeEngines(inspection: Inspection): Promise<Check> {
  const name = 'versions';
  const engines = await inspection.engines();
  const levels = new Set(engines.map(({ level }) => level));
  const named = engines.map(({ owner, level }) => `${owner} (level ${level})`).join(', ');
  if (engines.length === 0) return ok(name, 'No engine has announced itself.');
  if (levels.size === 1) return ok(name, `All engines understand the same: ${named}.`);
  return warning(name, `Engines of several versions share this Redis: ${named}. Finish the upgrade.`);
}

/** What is older than this waits for an engine that does not keep up. */
const LAG_MS = 10_000;

function judgeBacklog(shards: readonly ShardStatistics[]): Check {
  const name = 'backlog';
  const sum = (of: (shard: ShardStatistics) => number): number => shards.reduce((total, each) => total + of(each), 0);
  const entries = sum(({ inbox }) => inbox.entries);
  const oldestMs = Math.max(0, ...shards.map(({ inbox }) => inbox.oldestMs));
  const tasks = countOf(
    sum(({ outboxTasks }) => outboxTasks),
    'task',
  );
  const timers = countOf(
    sum(({ timersDue }) => timersDue),
    'timer',
  );
  const told = `${entries} waiting in the inboxes, ${tasks} without a worker, ${timers} due`;
  if (oldestMs < LAG_MS) return ok(name, `${told}.`);
  const since = `The oldest in an inbox waits for ${Math.round(oldestMs / 1000)} s`;
  return warning(name, `${told}. ${since}: the engines are too few or too slow.`);
}
