import type { Redis } from 'ioredis';
import { isEphemeral } from '../lists.ts';
import { closingNotices } from '../member.ts';
import type { ExpiredExecution } from '../store.ts';
import { decodeKeptRecord, decodeRedrives, decodeState, decodeTime } from './codec.ts';
import { type ShardKeys, splitClosedRow } from './keys.ts';
import { asList, asText, call } from './scripts.ts';

/** Looks of one call at most: executions that are not yet to go must not keep those behind them for long. */
const LOOKS = 50;

/** What is to expire in a shard: see `ShardStore.expired`. What is not yet to go is put behind the others. */
export async function dueToExpire(
  redis: Redis,
  shard: ShardKeys,
  keptMs: number,
  limit: number,
): Promise<ExpiredExecution[]> {
  const expiredMs = decodeTime(await call(redis, 'TIME', [])) - keptMs;
  const seen = new Set<string>();
  const found: ExpiredExecution[] = [];
  for (let looks = 0; looks < LOOKS && found.length < limit; looks += 1) {
    const rows = asList(await call(redis, 'LRANGE', [shard.closed, 0, limit - 1])).map(asText);
    const due = rows.filter((row) => !seen.has(row) && splitClosedRow(row).stopMs <= expiredMs);
    const looked = await Promise.all(due.map((row) => look(redis, shard, row)));
    for (const row of due) seen.add(row);
    found.push(...looked.filter((each) => each !== 'held'));
    const held = due.filter((_row, index) => looked[index] === 'held');
    if (held.length === 0) break;
    // First behind the others, then away from here: who dies in between leaves it twice, which does no harm.
    await call(redis, 'RPUSH', [shard.closed, ...held]);
    await Promise.all(held.map((row) => call(redis, 'LREM', [shard.closed, 1, row])));
  }
  return found;
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
