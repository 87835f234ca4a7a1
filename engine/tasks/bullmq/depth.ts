import type { Redis } from 'ioredis';
import type { QueueDepth } from '../queue.ts';
import { bullmqQueueName, type QueueContext } from './settings.ts';

/** More priorities than there are. */
const MAX_HEADS = 1100;

/**
 * The first job of each priority: the longest in the queue is among them. BullMQ's score is the priority times 2^32, and a
 * number that counts up.
 */
const HEADS = `
local heads, from = {}, '-inf'
for _ = 1, ${MAX_HEADS} do
  local head = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if not head[1] then break end
  heads[#heads + 1] = head[1]
  from = string.format('%.0f', (math.floor(tonumber(head[2]) / 4294967296) + 1) * 4294967296)
end
return heads`;

/** How many jobs wait in a queue, with a priority or without, and for how long, by the clocks of the processes that added them. */
export async function readDepth({ connection, prefix }: QueueContext, name: string): Promise<QueueDepth> {
  const keyOf = (part: string): string => `${prefix}:${bullmqQueueName(name)}:${part}`;
  const [wait, prioritized] = [keyOf('wait'), keyOf('prioritized')];
  const [listed, ordered, head, heads] = await Promise.all([
    connection.llen(wait),
    connection.zcard(prioritized),
    connection.lindex(wait, -1),
    connection.eval(HEADS, 1, prioritized) as Promise<string[]>,
  ]);
  const first = head === null ? heads : [head, ...heads];
  const addedMs = await addedAt(connection, first.map(keyOf));
  const oldestMs = addedMs.length === 0 ? undefined : Math.max(0, Date.now() - Math.min(...addedMs));
  return { tasks: listed + ordered, oldestMs };
}

/** When jobs were added; those that have gone meanwhile are left out. */
async function addedAt(connection: Redis, jobs: readonly string[]): Promise<number[]> {
  const stamps = await Promise.all(jobs.map((job) => connection.hget(job, 'timestamp')));
  return stamps.filter((stamp) => stamp !== null).map(Number);
}
