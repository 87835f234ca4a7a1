import type { Redis } from 'ioredis';
import type { ExecutionId } from '../../../schemas/task.ts';
import type { Frame } from '../../interpreter/execution.ts';
import {
  type CurrentState,
  type CurrentStates,
  currentStateOf,
  currentStates,
  type ExecutionStanding,
} from '../progress.ts';
import { decodeRedrives, decodeState, unpack } from './codec.ts';
import { type ShardKeys, WORK } from './keys.ts';
import { asBuffer, asList, asNumber, asText, call } from './scripts.ts';

/** How far executions are, for those who look. */

export async function standing(
  redis: Redis,
  shard: ShardKeys,
  id: ExecutionId,
): Promise<ExecutionStanding | undefined> {
  const [kept, events] = await Promise.all([
    call(redis, 'HMGET', [shard.execution(id), 'r', 's', 'd']),
    call(redis, 'LLEN', [shard.history(id)]),
  ]);
  const [record, state, redrives] = asList(kept);
  if (!Buffer.isBuffer(record)) return undefined;
  const counts = { events: asNumber(events), redriveCount: decodeRedrives(redrives).redrives?.count ?? 0 };
  if (!Buffer.isBuffer(state)) return { status: 'RUNNING', ...counts };
  const { status, stopMs } = decodeState(state, null);
  return { status, ...counts, stopMs };
}

/** Frames that are looked at for one answer: an execution may have ten thousand. */
const FRAMES_PER_SCAN = 1000;

/** Part of the frames, when there are too many to look at all of them for this. */
export async function statesOf(redis: Redis, shard: ShardKeys, id: ExecutionId, limit: number): Promise<CurrentStates> {
  const found: CurrentState[] = [];
  let cursor = '0';
  do {
    const scan = [shard.work(id), cursor, 'MATCH', WORK.frame('*'), 'COUNT', FRAMES_PER_SCAN];
    const [next, pairs] = asList(await call(redis, 'HSCAN', scan));
    for (const [index, kept] of asList(pairs).entries()) {
      const state = index % 2 === 1 ? currentStateOf(JSON.parse(unpack(asBuffer(kept))) as Frame) : undefined;
      if (state) found.push(state);
    }
    cursor = asText(next);
  } while (cursor !== '0' && found.length <= limit);
  return currentStates(found, limit);
}
