import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { ExecutionId, PendingTask } from '../../../schemas/task.ts';
import type { Execution } from '../../interpreter/execution.ts';
import { splitMember } from '../member.ts';
import type { Batch, ExpiredExecution, InboxEntry, Lease, Notice, ShardStore } from '../store.ts';
import { decodeEntry, decodeKeptRecord, decodeNotice, decodeState, decodeTask, decodeWork, unpack } from './codec.ts';
import { commitCommands } from './commit-commands.ts';
import { MAX_BLOCK_MS } from './connect.ts';
import { engineMember, parseEngineMember } from './engine-member.ts';
import { dueToExpire } from './expired.ts';
import { keysIn } from './index-keys.ts';
import { nameMember, type RegistryKeys, type ShardKeys } from './keys.ts';
import { type Argument, asBuffer, asList, asNumber, asText, call, type Reply, run, scripts } from './scripts.ts';

export interface ShardConnections {
  /** Carries everything that the owner of a shard writes. */
  readonly owner: Redis;
  /** Carries nothing but blocking reads, one at a time. */
  readonly reader: Redis;
}

/** Entries of one shard that one read brings at most. */
const ENTRIES_PER_READ = 256;
/** How far ahead the first look after a takeover goes: the time that new outbox entries wait for their first check. */
const TAKEOVER_HORIZON_MS = 5_000;

export class RedisShards implements ShardStore {
  readonly #keys: readonly ShardKeys[];
  readonly #registry: RegistryKeys;
  readonly #connections: ShardConnections;
  readonly #retentionMs: number;
  readonly #keptMs: number;
  /** Shards whose last owner may have died between a commit and the queueing of its tasks. */
  readonly #takenOver = new Set<number>();
  readonly #closing = new AbortController();

  constructor(
    keys: readonly ShardKeys[],
    registry: RegistryKeys,
    connections: ShardConnections,
    options: { retentionMs: number; keptMs: number },
  ) {
    this.#keys = keys;
    this.#registry = registry;
    this.#connections = connections;
    this.#retentionMs = options.retentionMs;
    this.#keptMs = options.keptMs;
  }

  get count(): number {
    return this.#keys.length;
  }

  async claim(shard: number, owner: string, leaseMs: number): Promise<Lease | undefined> {
    const epoch = await this.#run('claim', [this.#shard(shard).lease], [owner, leaseMs]);
    if (epoch === null) return undefined;
    this.#takenOver.add(shard);
    return { shard, owner, epoch: asNumber(epoch), sequence: 0 };
  }

  async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    const answers = await Promise.all(
      leases.map((lease) => {
        const { lease: key, claims, oldClaims } = this.#shard(lease.shard);
        return this.#run('renew', [key, claims, oldClaims], [lease.epoch, leaseMs]);
      }),
    );
    return leases.filter((_lease, index) => answers[index] === 1);
  }

  async release(lease: Lease): Promise<void> {
    await this.#run('release', [this.#shard(lease.shard).lease], [lease.epoch]);
  }

  async announce(owner: string, ttlMs: number): Promise<readonly string[]> {
    const members = asList(await this.#run('announce', [this.#registry.engines], [engineMember(owner), ttlMs]));
    return members.map((member) => parseEngineMember(asText(member)).owner);
  }

  async withdraw(owner: string): Promise<void> {
    await call(this.#connections.owner, 'ZREM', [this.#registry.engines, engineMember(owner)]);
  }

  async read(cursors: ReadonlyMap<number, string>, blockMs: number): Promise<readonly InboxEntry[]> {
    if (cursors.size === 0) {
      await delay(blockMs, undefined, { signal: this.#closing.signal });
      return [];
    }
    const shards = new Map([...cursors.keys()].map((shard) => [this.#shard(shard).inbox, shard]));
    // BLOCK 0 would wait for ever.
    const block = blockMs > 0 ? ['BLOCK', Math.ceil(Math.min(blockMs, MAX_BLOCK_MS))] : [];
    const streams = [...shards.keys(), ...cursors.values()];
    const reply = await call(this.#connections.reader, 'XREAD', [
      'COUNT',
      ENTRIES_PER_READ,
      ...block,
      'STREAMS',
      ...streams,
    ]);
    return reply === null ? [] : asList(reply).flatMap((stream) => decodeStream(shards, stream));
  }

  async load(shard: number, ids: readonly ExecutionId[]): Promise<ReadonlyMap<ExecutionId, Execution>> {
    const loaded = await Promise.all(ids.map((id) => this.#loadOne(this.#shard(shard), id)));
    return new Map(loaded.flatMap((execution) => (execution ? [[execution.record.executionId, execution]] : [])));
  }

  async commit(lease: Lease, batch: Batch): Promise<'committed' | 'noticed' | 'lost'> {
    const sequence = lease.sequence + 1;
    const { keys, args } = commitCommands(this.#shard(lease.shard), batch, this.#retentionMs);
    const written = await this.#run('commit', keys, [lease.epoch, sequence, ...args]);
    if (written !== 1 && written !== 2) return 'lost';
    lease.sequence = sequence;
    return written === 1 ? 'committed' : 'noticed';
  }

  async fireTimers(lease: Lease, limit: number): Promise<{ fired: number; nextInMs: number | undefined }> {
    const shard = this.#shard(lease.shard);
    const due = await this.#due(shard.timers, 0, limit);
    if (due.members.length === 0) return { fired: 0, nextInMs: due.nextInMs };
    const keys = [shard.timers, shard.outbox, shard.inbox, shard.notices, shard.noticeTexts];
    const args = due.members.flatMap((member) => {
      const { id, visit, purpose } = splitMember(member);
      return [id, visit, purpose, keys.push(shard.work(id))];
    });
    const [fired, next] = asList(await this.#run('fireTimers', keys, args)).map(asNumber);
    return { fired: fired ?? 0, nextInMs: next === -1 ? undefined : next };
  }

  async dueOutbox(lease: Lease, limit: number): Promise<readonly PendingTask[]> {
    const shard = this.#shard(lease.shard);
    const takenOver = this.#takenOver.has(lease.shard);
    const { members } = await this.#due(shard.outbox, takenOver ? TAKEOVER_HORIZON_MS : 0, limit);
    if (takenOver && members.length < limit) this.#takenOver.delete(lease.shard);
    if (members.length === 0) return [];
    const keys = [shard.outbox];
    const tasks = members.map(splitMember);
    const args = tasks.flatMap(({ id, visit }) => [id, visit, keys.push(shard.work(id))]);
    const bodies = asList(await this.#run('recheckOutbox', keys, args));
    return tasks.flatMap(({ id, visit }, index) => {
      const body = bodies[index];
      return Buffer.isBuffer(body) ? [decodeTask(id, visit, body)] : [];
    });
  }

  async dueNotices(lease: Lease, limit: number): Promise<readonly Notice[]> {
    const shard = this.#shard(lease.shard);
    const { members } = await this.#due(shard.notices, 0, limit);
    if (members.length === 0) return [];
    const keys = [shard.notices, shard.noticeTexts];
    const args = members.flatMap((id) => [id, keys.push(shard.execution(splitMember(id).id))]);
    const answers = asList(await this.#run('dueNotices', keys, args));
    return members.flatMap((id, index) => {
      const answer = answers[index];
      return Array.isArray(answer) ? [decodeNotice(id, answer)] : [];
    });
  }

  async removeNotices(lease: Lease, ids: readonly string[]): Promise<void> {
    const shard = this.#shard(lease.shard);
    // The texts first: a turn without a text is forgotten when it comes, but a text without a turn would stay, and keep its execution.
    await Promise.all([
      call(this.#connections.owner, 'HDEL', [shard.noticeTexts, ...ids]),
      call(this.#connections.owner, 'ZREM', [shard.notices, ...ids]),
    ]);
  }

  async expired(lease: Lease, limit: number): Promise<readonly ExpiredExecution[]> {
    return dueToExpire(this.#connections.owner, this.#shard(lease.shard), this.#keptMs, limit);
  }

  async expire(lease: Lease, expired: readonly ExpiredExecution[]): Promise<number> {
    if (expired.length === 0) return 0;
    const shard = this.#shard(lease.shard);
    const { owner } = this.#connections;
    const ids = expired.map(({ executionId }) => executionId);
    const kept = await Promise.all(ids.map((id) => call(owner, 'HMGET', [shard.execution(id), 'r', 's'])));
    const mapRuns = await Promise.all(ids.map((id) => this.#mapRunKeys(shard, id)));
    const keys = [shard.closed, shard.names];
    const args: Argument[] = [];
    for (const [index, { executionId: id, stopMs }] of expired.entries()) {
      const { indexes, name } = entriesOf(shard, id, asList(kept[index]));
      const owned = [shard.history(id), shard.work(id), ...(mapRuns[index] ?? [])];
      keys.push(shard.execution(id), ...owned, ...indexes);
      args.push(id, stopMs, name, owned.length, indexes.length);
    }
    return asNumber(await this.#run('expire', keys, args));
  }

  close(): void {
    this.#closing.abort();
  }

  /** All keys of the Map Runs of an execution. */
  async #mapRunKeys(shard: ShardKeys, id: ExecutionId): Promise<string[]> {
    const arns = asList(await call(this.#connections.owner, 'ZRANGE', [shard.mapRuns(id), 0, -1])).map(asText);
    return [shard.mapRuns(id), ...arns.flatMap((arn) => [shard.mapRun(arn), shard.results(arn)])];
  }

  #shard(shard: number): ShardKeys {
    const keys = this.#keys[shard];
    if (!keys) throw new RangeError(`There is no shard ${shard} of ${this.count}`);
    return keys;
  }

  #run(name: keyof typeof scripts, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    return run(this.#connections.owner, scripts[name], keys, args);
  }

  async #due(key: string, aheadMs: number, limit: number) {
    const [next, members] = asList(await this.#run('due', [key], [aheadMs, limit]));
    return { nextInMs: next === -1 ? undefined : asNumber(next), members: asList(members).map(asText) };
  }

  async #loadOne(shard: ShardKeys, id: ExecutionId): Promise<Execution | undefined> {
    const { owner } = this.#connections;
    const [kept, work] = await Promise.all([
      call(owner, 'HMGET', [shard.execution(id), 'r', 'i', 's']),
      call(owner, 'HGETALL', [shard.work(id)]),
    ]);
    const [record, input, state] = asList(kept);
    if (!Buffer.isBuffer(record) || state) return undefined;
    return { record: decodeKeptRecord(id, record, unpack(asBuffer(input))), ...decodeWork(asList(work)) };
  }
}

function decodeStream(shards: ReadonlyMap<string, number>, stream: Reply): InboxEntry[] {
  const [key, entries] = asList(stream);
  const shard = shards.get(asText(key)) ?? -1;
  return asList(entries).map((entry) => decodeEntry(shard, entry));
}

/** Where a closed execution is indexed, and its member of the names; nowhere when it is gone already. */
function entriesOf(shard: ShardKeys, id: ExecutionId, [kept, state]: readonly Reply[]) {
  if (!Buffer.isBuffer(kept) || !Buffer.isBuffer(state)) return { indexes: [], name: '' };
  const record = decodeKeptRecord(id, kept, '');
  return { indexes: keysIn(shard, record, decodeState(state, null)), name: nameMember(record) };
}
