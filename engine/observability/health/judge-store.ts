import type { ShardStatistics, StoreCondition } from '../../index.ts';
import { type Check, failed, ok, warning } from './check.ts';

/** What the state of a store means, in sentences: the same at the start, for /readyz and for `stepyard doctor`. */

/** Whether everything that is written stays: the settings of the server that Stepyard needs. */
export const judgeSafety = (condition: StoreCondition): readonly Check[] => [
  judgePersistence(condition),
  judgeEviction(condition),
];

function judgePersistence({ server, persistence }: StoreCondition): Check {
  const name = 'persistence';
  if (server === 'memory') return ok(name, 'Everything is kept as long as this process lives.');
  if (!persistence) return warning(name, `${server} does not tell whether it keeps an append-only log: it is unknown.`);
  if (!persistence.log) {
    const loss = 'a restart of Redis loses what came after its last snapshot, or everything';
    return warning(name, `${server} keeps no append-only log: ${loss}. Set appendonly yes in its configuration.`);
  }
  if (!persistence.lastWriteOk) {
    const advice = 'Look at its disk and its log';
    return failed(name, `${server} could not write its append-only log (aof_last_write_status:err). ${advice}.`);
  }
  return ok(name, `${server} keeps an append-only log.`);
}

function judgeEviction({ server, evictionPolicy: policy }: StoreCondition): Check {
  const name = 'eviction';
  if (policy === undefined) {
    return warning(name, `${server} does not tell its maxmemory-policy: it is unknown whether it evicts keys.`);
  }
  if (policy === 'noeviction') return ok(name, 'Nothing is evicted when memory is full (noeviction).');
  const advice = 'Set maxmemory-policy noeviction in its configuration';
  return warning(name, `${server} removes keys when its memory is full (maxmemory-policy ${policy}). ${advice}.`);
}

/** Less room than this is a warning. */
const ROOM = 0.1;

export function judgeMemory({ server, memory }: StoreCondition): Check {
  const name = 'memory';
  if (!memory) return ok(name, `${server} does not tell how much memory it uses.`);
  const { usedBytes, limitBytes } = memory;
  if (limitBytes === undefined) return ok(name, `${server} uses ${megabytes(usedBytes)}; its limit is unknown.`);
  const told = `${server} uses ${megabytes(usedBytes)} of ${megabytes(limitBytes)}`;
  if (usedBytes < limitBytes * (1 - ROOM)) return ok(name, `${told}.`);
  return warning(
    name,
    `${told}: when it is full, every write is refused. Give it more, or keep closed executions for less long (STEPYARD_RETENTION_DAYS).`,
  );
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

/** Every shard needs a living owner: the executions of one that has none stand still. */
export function judgeOwners(shards: readonly ShardStatistics[]): Check {
  const name = 'owners';
  const without = shards.filter(({ lease }) => lease === undefined).map(({ shard }) => shard);
  const owners = new Set(shards.flatMap(({ lease }) => lease?.owner ?? []));
  if (without.length === 0) {
    return ok(name, `All ${shards.length} shards have a living owner: ${countOf(owners.size, 'engine')}.`);
  }
  const which = without.length === shards.length ? `All ${shards.length} shards` : `Shards ${without.join(', ')}`;
  const advice = 'Their executions stand still. Start a process with the role engine or all';
  return failed(name, `${which} have no living owner. ${advice}, or wait until the lease of one that died runs out.`);
}

export const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
