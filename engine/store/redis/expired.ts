import type { Redis } from 'ioredis';
import { isEphemeral } from '../lists.ts';
import { closingNotices } from '../member.ts';
import type { ExpiredExecution } from '../store.ts';
import { decodeKeptRecord, decodeRedrives, decodeState, decodeTime } from './codec.ts';
import { type ShardKeys, splitClosedRow } from './keys.ts';
import { asList, asText, call } from './scripts.ts';

/** What is to expire in a shard: see `ShardStore.expired`. What is not yet to go is put behind the others. */
export async function dueToExpire(
  redis: Redis,
  shard: ShardKeys,
  keptMs: number,
  limit: number,
): Promise<ExpiredExecution[]> {
  const [time, entries] = await Promise.all([
    call(redis, 'TIME', []),
    call(redis, 'LRANGE', [shard.closed, 0, limit - 1]),
  ]);
  const expiredMs = decodeTime(time) - keptMs;
  const rows = asList(entries).map(asText);
  const due = rows.filter((row) => splitClosedRow(row).stopMs <= expiredMs);
  const looked = await Promise.all(due.map((row) => look(redis, shard, row)));
  const held = due.filter((_row, index) => looked[index] === 'held');
  // First behind the others, then away from here: who dies in between leaves it twice, which does no harm.
  if (held.length > 0) await call(redis, 'RPUSH', [shard.closed, ...held]);
  await Promise.all(held.map((row) => call(redis, 'LREM', [shard.closed, 1, row])));
  return looked.filter((found) => found !== 'held');
}

async function look(redis: Redis, shard: ShardKeys, row: string): Promise<ExpiredExecution | 'held'> {
  const { id: executionId, stopMs } = splitClosedRow(row);
  const closed = { executionId, stopMs };
  const fields = await call(redis, 'HMGET', [shard.execution(executionId), 'r', 's', 'd']);
  const [kept, state, redrives] = asList(fields);
  if (!Buffer.isBuffer(kept) || !Buffer.isBuffer(state) || !state.toString().startsWith(`${stopMs}{`)) return closed;
  const notices = closingNotices(executionId, decodeState(state, null), decodeRedrives(redrives));
  const untold = asList(await call(redis, 'HMGET', [shard.noticeTexts, ...notices]));
  if (untold.some((notice) => notice !== null)) return 'held';
  const record = decodeKeptRecord(executionId, kept, '');
  if (record.child && (await isOpen(redis, shard.execution(record.child.parent)))) return 'held';
  return isEphemeral(record) ? closed : { ...closed, executionArn: record.executionArn };
}

async function isOpen(redis: Redis, execution: string): Promise<boolean> {
  const [record, state] = asList(await call(redis, 'HMGET', [execution, 'r', 's']));
  return record !== null && state === null;
}
