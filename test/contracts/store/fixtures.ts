import { executionId, shardOf } from '../../../engine/store/execution-id.ts';
import type { ExecutionWrite, InboxEntry, Lease, Store } from '../../../engine/store/store.ts';
import type { ExecutionRecord } from '../../../schemas/execution.ts';
import type { TaskToken } from '../../../schemas/task.ts';

/** How the contract reaches an implementation. */
export interface StoreHarness {
  /** An empty store of {@link SHARDS} shards that ends with the test. */
  open(options?: { retentionMs?: number }): Promise<Store>;
  /** The same store as another process sees it. */
  again(store: Store): Promise<Store>;
  /** Lets so much of the store's time pass. */
  elapse(ms: number): Promise<void>;
}

export const SHARDS = 4;
export const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
export const LEASE_MS = 60_000;
export const NONCE = '11111111-2222-4333-8444-555555555555';

let requests = 0;
/** A request that was never sent before. */
export const request = (): string => `request-${++requests}`;

export const executionArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:execution:orders:${name}`;

export function newRecord(name: string, more: Partial<ExecutionRecord> = {}): Omit<ExecutionRecord, 'startMs'> {
  const arn = executionArn(name);
  return {
    executionId: executionId(arn),
    executionArn: arn,
    name,
    stateMachineArn: MACHINE,
    stateMachineName: 'orders',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    revisionId: 'revision-1',
    input: '{"order":1}',
    seed: 'seed',
    ...more,
  };
}

/** An execution that has begun, as its owner sees it. */
export interface Begun {
  readonly store: Store;
  readonly record: ExecutionRecord;
  readonly shard: number;
  readonly lease: Lease;
  /** How it arrived. */
  readonly entry: InboxEntry;
}

export async function begin(store: Store, name: string, more: Partial<ExecutionRecord> = {}): Promise<Begun> {
  const record = newRecord(name, more);
  const { startMs } = await store.executions.start(record, request());
  const shard = shardOf(record.executionId, SHARDS);
  const lease = await claim(store, shard);
  const entries = await readAll(store, shard);
  const entry = entries.find(({ executionId }) => executionId === record.executionId);
  if (!entry) throw new Error('The start did not reach the inbox');
  return { store, record: { ...record, startMs }, shard, lease, entry };
}

export async function claim(store: Store, shard: number, owner = 'engine-1', leaseMs = LEASE_MS): Promise<Lease> {
  const lease = await store.shards.claim(shard, owner, leaseMs);
  if (!lease) throw new Error(`${owner} does not get shard ${shard}`);
  return lease;
}

/** Removes what has been kept long enough, of the first so many. */
export const expire = async ({ shards }: Store, lease: Lease, limit: number): Promise<number> =>
  shards.expire(lease, await shards.expired(lease, limit));

/** All that is in a shard's inbox. */
export const readAll = (store: Store, shard: number): Promise<readonly InboxEntry[]> =>
  store.shards.read(new Map([[shard, '0']]), 0);

/** What came in for an execution after its start, without the instants. */
export async function arrivals({ store, shard, record }: Begun): Promise<object[]> {
  const entries = await readAll(store, shard);
  return entries
    .filter(({ executionId, stimulus }) => executionId === record.executionId && stimulus.type !== 'Started')
    .map(({ stimulus: { at: _at, ...stimulus } }) => stimulus);
}

export function writeOf(record: ExecutionRecord, more: Partial<ExecutionWrite> = {}): ExecutionWrite {
  const events = more.events ?? ['{"id":1}'];
  return {
    executionId: record.executionId,
    record,
    head: { state: { status: 'RUNNING' }, events: events.length, visits: 1 },
    closed: false,
    frames: new Map(),
    events,
    effects: [],
    entered: [],
    left: [],
    announcements: [],
    ...more,
  };
}

/** Commits one write; fails when the lease is lost. */
export async function commit({ store, lease, record }: Begun, more: Partial<ExecutionWrite>, consumed: string[] = []) {
  const outcome = await store.shards.commit(lease, { consumed, writes: [writeOf(record, more)] });
  if (outcome !== 'committed') throw new Error('The lease is lost');
}

/** Closes it with the events it has, `before` of them written by earlier commits. */
export const succeed = (begun: Begun, output = '"done"', before = 0): Promise<void> =>
  commit(begun, {
    closed: true,
    head: {
      state: { status: 'SUCCEEDED', stopMs: begun.record.startMs + 5, output },
      events: before + 1,
      visits: 1,
    },
  });

export const tokenOf = ({ record: { executionId } }: Begun, visit = 1, nonce = NONCE): TaskToken => ({
  executionId,
  visit,
  nonce,
});

/** Begins an execution whose first visit waits for a task. */
export async function beginTask(
  store: Store,
  name: string,
  { heartbeatSeconds, input = '{}', ...dueMs }: TaskOptions = {},
): Promise<Begun> {
  const begun = await begin(store, name);
  const { record, entry } = begun;
  const task = {
    resource: 'arn:aws:states:us-east-1:000000000000:activity:pay',
    input,
    taskToken: `${record.executionId}.1.${NONCE}`,
    ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
  };
  const timers = (['timeout', 'heartbeat'] as const).flatMap((purpose) => {
    const inMs = dueMs[purpose];
    if (inMs === undefined) return [];
    return [{ type: 'SetTimer' as const, timer: { visit: 1, purpose }, dueMs: record.startMs + inMs }];
  });
  const effects = [{ type: 'DispatchTask' as const, visit: 1, task }, ...timers];
  await commit(begun, { effects, events: ['{"id":1}', '{"id":2}'] }, [entry.entryId]);
  return begun;
}

export interface TaskOptions {
  readonly heartbeatSeconds?: number;
  readonly input?: string;
  /** Timers of the task, in ms after the start. */
  readonly timeout?: number;
  readonly heartbeat?: number;
}
