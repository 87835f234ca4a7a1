import type { Redis } from 'ioredis';
import { listsOf } from '../lists.ts';
import type { FoundExecution, SearchFilter } from '../search.ts';
import { matches } from '../search-match.ts';
import type { NamedMatch } from './find-by-name.ts';
import type { Match } from './find-by-start.ts';
import { decodeRow, type KeptRow, ROW_FIELDS } from './found-row.ts';
import { keysIn } from './index-keys.ts';
import { stateMember } from './keys.ts';
import { asList, call, type Reply, run, scripts } from './scripts.ts';
import { keyOf, type SearchPlan } from './search-plan.ts';

/** What is looked for, and in which indexes it was found. */
interface Search {
  readonly filter: SearchFilter;
  readonly plan: SearchPlan;
}

/**
 * The rows of what was found, as the executions themselves tell them. An index may be behind: a process of a version that does not
 * know it has closed or removed the execution. What does not match is left out, and its entries are put right.
 */
export async function rowsOf(
  redis: Redis,
  found: readonly (Match | NamedMatch)[],
  search: Search,
): Promise<readonly FoundExecution[]> {
  const rows = await Promise.all(
    found.map(async (match): Promise<FoundExecution[]> => {
      const reply = asList(await call(redis, 'HMGET', [match.shard.execution(match.id), ...ROW_FIELDS]));
      const kept = decodeRow(match.id, reply);
      const isMatch = kept !== undefined && matches(kept.row, search.filter);
      if (!isMatch || kept.row.status !== match.status) await correct(redis, match, search.plan, kept, reply);
      return isMatch ? [kept.row] : [];
    }),
  );
  return rows.flat();
}

async function correct(
  redis: Redis,
  match: Match | NamedMatch,
  plan: SearchPlan,
  kept: KeptRow | undefined,
  [, state]: readonly Reply[],
): Promise<void> {
  const { id, shard, startMs } = match;
  const right = kept ? keysIn(shard, kept.record, kept.state) : [];
  const wrong = entriesOf(match, plan, kept).filter(([key]) => !right.includes(key));
  const open = Buffer.isBuffer(state) ? state : '';
  const seen = kept ? open : '-';
  const keys = [shard.execution(id), ...wrong.map(([key]) => key), ...right];
  await run(redis, scripts.reindex, keys, [id, startMs, seen, ...wrong.map(([, member]) => member)]);
}

/** Where an execution is that was found in indexes of another status than its own: keys and members. */
function entriesOf(match: Match | NamedMatch, plan: SearchPlan, kept: KeptRow | undefined): [string, string][] {
  const { id, shard, status, startMs } = match;
  const entries = [plan.base, ...plan.others].map((condition): [string, string] => {
    const member = condition.kind === 'list' ? id : stateMember(condition.state, { executionId: id, startMs });
    return [keyOf(condition, shard, status), member];
  });
  if (kept) entries.push(...listsOf(kept.record).map((list): [string, string] => [shard.index(list, status), id]));
  else if ('member' in match) entries.push([shard.names, match.member]);
  return entries;
}
