import type { ExecutionRecord } from '../../../schemas/execution.ts';
import { isEphemeral } from '../lists.ts';
import { closingNotices } from '../member.ts';
import type { ExpiredExecution } from '../store.ts';
import type { KeptExecution, MemoryShard, MemoryState } from './state.ts';

/** What is to expire in a shard: see `ShardStore.expired`. What is not yet to go is put behind the others. */
export function dueToExpire(state: MemoryState, shard: MemoryShard, keptMs: number, limit: number): ExpiredExecution[] {
  const expiredMs = state.clock.now() - keptMs;
  const held = new Set<MemoryShard['closed'][number]>();
  const due: ExpiredExecution[] = [];
  for (const row of shard.closed) {
    if (due.length === limit) break;
    if (row.stopMs > expiredMs) continue;
    const found = look(state, shard, row.execution, row.stopMs);
    if (found === 'held') held.add(row);
    else due.push(found);
  }
  shard.closed = [...shard.closed.filter((row) => !held.has(row)), ...held];
  return due;
}

function look(
  all: MemoryState,
  shard: MemoryShard,
  execution: KeptExecution,
  stopMs: number,
): ExpiredExecution | 'held' {
  const closed = { executionId: execution.id, stopMs };
  const state = execution.state && JSON.parse(execution.state);
  if (!state || state.stopMs !== stopMs) return closed;
  const { redrives } = execution;
  const notices = closingNotices(execution.id, state, redrives ? { redrives } : {});
  if (notices.some((notice) => shard.noticeTexts.has(notice))) return 'held';
  const record = JSON.parse(execution.record) as ExecutionRecord;
  const parent = record.child && all.executions.get(record.child.parent);
  if (parent && parent.state === undefined) return 'held';
  return isEphemeral(record) ? closed : { ...closed, executionArn: record.executionArn };
}
