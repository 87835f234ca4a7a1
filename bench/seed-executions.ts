import type { Redis } from 'ioredis';
import { executionId } from '../engine/store/execution-id.ts';
import { encodeRecord, encodeState } from '../engine/store/redis/codec.ts';
import { packEvents } from '../engine/store/redis/history-codec.ts';
import { keysIn } from '../engine/store/redis/index-keys.ts';
import { keysOf, nameMember, type ShardKeys, shardKeys, stateMember } from '../engine/store/redis/keys.ts';
import { EXECUTION_STATUSES, type ExecutionRecord, type ExecutionState } from '../schemas/execution.ts';
import { machineArnOf, order, ROLE_ARN } from './workload.ts';

/** Executions as they are kept, written without being run: many, with few events each. */

export const SHARDS = 16;
export const MACHINES = 10;
const REGIONS = ['eu', 'us', 'asia', 'africa', 'oceania'];
export const STATES = ['Pay', 'Ship', 'Wait for the customer'];
export const ERRORS = ['States.Timeout', 'CardDeclined', 'OutOfStock'];
/** The first starts so long ago: as many days as a month has. */
export const SPAN_MS = 30 * 86_400_000;
const PER_PIPELINE = 2000;

export const machineOf = (number: number): string => `orders-${number % MACHINES}`;
/** Values of the attributes of one execution: one that few have, one that many have, one of its own. */
export const attributesOf = (number: number, count: number) => ({
  customer: `customer-${drawn(number, 1) % Math.max(1, Math.floor(count / 200))}`,
  region: REGIONS[drawn(number, 2) % REGIONS.length] ?? '',
  orderId: `order-${number}`,
});

/** Any number, the same for the same two. */
const drawn = (number: number, what: number): number => Math.imul((number * 8 + what) ^ 0x5bd1e995, 0x9e3779b1) >>> 9;

/** @param now when the last of them starts, in epoch milliseconds */
export async function seedExecutions(redis: Redis, count: number, now: number, prefix = 'stepyard'): Promise<void> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shardKeys(prefix, shard));
  for (let first = 0; first < count; first += PER_PIPELINE) {
    const pipeline = new Pipeline();
    for (let number = first; number < Math.min(count, first + PER_PIPELINE); number += 1) {
      pipeline.add(shards, executionOf(number, count, now));
    }
    await pipeline.send(redis);
  }
}

export interface Seeded {
  readonly record: ExecutionRecord;
  readonly state: ExecutionState;
  readonly inState: string | undefined;
}

/** The executions that there are, by number. */
export function executionOf(number: number, count: number, now: number): Seeded {
  const startMs = now - SPAN_MS + Math.floor((SPAN_MS * number) / count);
  const machine = machineOf(number);
  const name = `${machine}-${String(number).padStart(8, '0')}`;
  const executionArn = `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;
  const record: ExecutionRecord = {
    executionId: executionId(executionArn),
    executionArn,
    name,
    stateMachineArn: machineArnOf(machine),
    stateMachineName: machine,
    roleArn: ROLE_ARN,
    revisionId: machine,
    startMs,
    input: JSON.stringify(order(number)),
    seed: name,
    attributes: attributesOf(number, count),
  };
  const state = stateOf(number, startMs + 1000);
  const inState = STATES[drawn(number, 4) % STATES.length];
  return { record, state, inState: state.status === 'RUNNING' ? inState : undefined };
}

/** Of 100 executions 2 are open, 90 have succeeded, 5 failed, 2 timed out and 1 was aborted. */
function stateOf(number: number, stopMs: number): ExecutionState {
  const share = drawn(number, 3) % 100;
  const [open, succeeded, failed, timedOut, aborted] = EXECUTION_STATUSES;
  if (share < 2) return { status: open };
  if (share < 92) return { status: succeeded, stopMs, output: '{}' };
  const status = [failed, timedOut, aborted][share < 97 ? 0 : Number(share === 99) + 1] ?? failed;
  const error = ERRORS[drawn(number, 5) % ERRORS.length] ?? '';
  return { status, stopMs, error };
}

/** Commands of many executions, with one for each sorted set. */
class Pipeline {
  readonly #commands: (string | Buffer)[][] = [];
  readonly #sets = new Map<string, string[]>();

  add(shards: readonly ShardKeys[], { record, state, inState }: Seeded): void {
    const { executionId: id, startMs } = record;
    const shard = keysOf(shards, id);
    const kept = ['r', `${startMs}${encodeRecord(record)}`, 'i', record.input];
    const ended = state.status === 'RUNNING' ? [] : ['s', encodeState(state).state, 'o', '{}'];
    this.#commands.push(['hset', shard.execution(id), ...kept, ...ended]);
    const events = ['ExecutionStarted', 'ExecutionEnded'].map((type, index) => JSON.stringify({ id: index + 1, type }));
    this.#commands.push(['rpush', shard.history(id), ...packEvents(events)]);
    for (const key of keysIn(shard, record, state)) this.#addTo(key, String(startMs), id);
    this.#addTo(shard.names, '0', nameMember(record));
    if (inState !== undefined) this.#addTo(shard.states(record.stateMachineArn), '0', stateMember(inState, record));
  }

  #addTo(key: string, score: string, member: string): void {
    const set = this.#sets.get(key);
    if (set) set.push(score, member);
    else this.#sets.set(key, [score, member]);
  }

  async send(redis: Redis): Promise<void> {
    const sets = [...this.#sets].map(([key, members]) => ['zadd', key, ...members]);
    await redis.pipeline([...this.#commands, ...sets]).exec();
  }
}
