import type { ExecutionId, PendingTask } from '../../../schemas/task.ts';
import type { Effect } from '../../interpreter/effect.ts';
import type { Execution, Frame, FrameId } from '../../interpreter/execution.ts';
import type { Timer } from '../../interpreter/stimulus.ts';
import { changeOf } from '../changes.ts';
import { childEnded } from '../child-ended.ts';
import { isEphemeral } from '../lists.ts';
import { changeNotice, splitMember, startedNotice, taskMember, timerMember } from '../member.ts';
import {
  type Batch,
  type ExecutionWrite,
  type ExpiredExecution,
  type InboxEntry,
  type Lease,
  type Notice,
  type ShardStore,
  StoreUnavailable,
} from '../store.ts';
import { dueToExpire } from './expired.ts';
import { applyMapRunEffect } from './map-runs.ts';
import type { KeptExecution, KeptNotice, KeptTask, MemoryShard, MemoryState } from './state.ts';

/** Entries of one shard that one read brings at most. */
const ENTRIES_PER_READ = 256;
const FIRST_CHECK_MS = 5_000;
const LAST_CHECK_MS = 300_000;

export class MemoryShards implements ShardStore {
  readonly #state: MemoryState;
  readonly #retentionMs: number;
  readonly #engines = new Map<string, number>();
  readonly #takenOver = new Set<MemoryShard>();
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(state: MemoryState, retentionMs: number) {
    this.#state = state;
    this.#retentionMs = retentionMs;
  }

  get count(): number {
    return this.#state.shards.length;
  }

  async claim(number: number, owner: string, leaseMs: number): Promise<Lease | undefined> {
    const shard = this.#state.shard(number);
    const { lease } = shard;
    const now = this.#state.clock.now();
    if (lease.owner !== undefined && lease.owner !== owner && lease.expiresMs > now) return undefined;
    Object.assign(lease, { owner, epoch: lease.epoch + 1, expiresMs: now + leaseMs, sequence: 0 });
    this.#takenOver.add(shard);
    return { shard: number, owner, epoch: lease.epoch, sequence: 0 };
  }

  async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    const kept = leases.filter((lease) => this.#holds(lease));
    for (const { shard } of kept) this.#state.shard(shard).lease.expiresMs = this.#state.clock.now() + leaseMs;
    return kept;
  }

  async release(lease: Lease): Promise<void> {
    if (!this.#holds(lease)) return;
    const kept = this.#state.shard(lease.shard).lease;
    kept.owner = undefined;
    kept.epoch += 1;
  }

  async announce(owner: string, ttlMs: number): Promise<readonly string[]> {
    const now = this.#state.clock.now();
    this.#engines.set(owner, now + ttlMs);
    for (const [engine, untilMs] of this.#engines) if (untilMs <= now) this.#engines.delete(engine);
    return [...this.#engines.keys()];
  }

  async withdraw(owner: string): Promise<void> {
    this.#engines.delete(owner);
  }

  async read(cursors: ReadonlyMap<number, string>, blockMs: number): Promise<readonly InboxEntry[]> {
    const entries = this.#readNow(cursors);
    if (entries.length > 0 || blockMs <= 0) return entries;
    await this.#arrival([...cursors.keys()], blockMs);
    return this.#readNow(cursors);
  }

  async load(_shard: number, ids: readonly ExecutionId[]): Promise<ReadonlyMap<ExecutionId, Execution>> {
    const loaded = new Map<ExecutionId, Execution>();
    for (const id of ids) {
      const kept = this.#state.executions.get(id);
      if (kept?.status !== 'RUNNING') continue;
      const frames = [...kept.frames].map(([frameId, text]): [FrameId, Frame] => [frameId, JSON.parse(text) as Frame]);
      loaded.set(id, {
        record: JSON.parse(kept.record) as Execution['record'],
        head: kept.head ? JSON.parse(kept.head) : { state: { status: 'RUNNING' }, events: 0, visits: 0 },
        frames: new Map(frames),
      });
    }
    return loaded;
  }

  async commit(lease: Lease, batch: Batch): Promise<'committed' | 'noticed' | 'lost'> {
    const shard = this.#state.shard(lease.shard);
    shard.noticed = false;
    const sequence = lease.sequence + 1;
    if (!this.#holds(lease)) return 'lost';
    if (shard.lease.sequence !== sequence) {
      if (shard.lease.sequence + 1 !== sequence) return 'lost';
      shard.lease.sequence = sequence;
      for (const write of batch.writes) this.#write(shard, write);
      for (const entryId of batch.consumed) shard.inbox.delete(entryId);
    }
    lease.sequence = sequence;
    return shard.noticed ? 'noticed' : 'committed';
  }

  async fireTimers(lease: Lease, limit: number): Promise<{ fired: number; nextInMs: number | undefined }> {
    const shard = this.#state.shard(lease.shard);
    const now = this.#state.clock.now();
    const fired = new Map<ExecutionId, Timer[]>();
    for (const member of shard.timers.take(now, limit)) {
      const { id, visit, purpose } = splitMember(member);
      const execution = this.#state.executions.get(id);
      if (!execution) continue;
      const endsTask = purpose === 'timeout' || purpose === 'heartbeat';
      shard.clearTimer(execution, visit, purpose);
      if (endsTask && !shard.dropTask(execution, visit)) continue;
      fired.set(id, [...(fired.get(id) ?? []), { visit, purpose }]);
    }
    for (const [id, timers] of fired) shard.tell(id, { type: 'TimersFired', timers });
    const { firstMs } = shard.timers;
    const count = [...fired.values()].reduce((sum, timers) => sum + timers.length, 0);
    return { fired: count, nextInMs: firstMs === undefined ? undefined : Math.max(0, firstMs - now) };
  }

  async dueOutbox(lease: Lease, limit: number): Promise<readonly PendingTask[]> {
    const shard = this.#state.shard(lease.shard);
    const now = this.#state.clock.now();
    const members = shard.outbox.take(this.#takenOver.has(shard) ? now + FIRST_CHECK_MS : now, limit);
    if (members.length < limit) this.#takenOver.delete(shard);
    return members.flatMap((member) => {
      const { id, visit } = splitMember(member);
      const task = this.#state.executions.get(id)?.tasks.get(visit);
      if (!task) return [];
      task.checks += 1;
      shard.outbox.set(member, now + Math.min(FIRST_CHECK_MS * 2 ** task.checks, LAST_CHECK_MS));
      return [JSON.parse(task.task) as PendingTask];
    });
  }

  async dueNotices(lease: Lease, limit: number): Promise<readonly Notice[]> {
    const shard = this.#state.shard(lease.shard);
    const now = this.#state.clock.now();
    return shard.notices.take(now, limit).flatMap((id) => {
      const kept = shard.noticeTexts.get(id);
      if (!kept) return [];
      shard.notices.set(id, now + Math.min(FIRST_CHECK_MS * 2 ** kept.turns, LAST_CHECK_MS));
      kept.turns += 1;
      return [noticeOf(id, kept)];
    });
  }

  async removeNotices(lease: Lease, ids: readonly string[]): Promise<void> {
    const shard = this.#state.shard(lease.shard);
    for (const id of ids) shard.forget(id);
  }

  async expired(lease: Lease, limit: number): Promise<readonly ExpiredExecution[]> {
    return dueToExpire(this.#state, this.#state.shard(lease.shard), this.#retentionMs, limit);
  }

  async expire(lease: Lease, expired: readonly ExpiredExecution[]): Promise<number> {
    const shard = this.#state.shard(lease.shard);
    let gone = 0;
    for (const { executionId, stopMs } of expired) {
      const at = shard.closed.findIndex((row) => row.execution.id === executionId && row.stopMs === stopMs);
      const [row] = at < 0 ? [] : shard.closed.splice(at, 1);
      // Opened again and closed later, it has a later entry.
      if (!row?.execution.state || JSON.parse(row.execution.state).stopMs !== stopMs) continue;
      this.#state.remove(row.execution);
      gone += 1;
    }
    return gone;
  }

  close(): void {
    for (const fail of this.#waiting) fail(new StoreUnavailable('The store is closed.'));
  }

  #holds({ shard, epoch }: Lease): boolean {
    return this.#state.shard(shard).lease.epoch === epoch;
  }

  #readNow(cursors: ReadonlyMap<number, string>): InboxEntry[] {
    return [...cursors].flatMap(([number, cursor]) =>
      this.#state
        .shard(number)
        .after(cursor, ENTRIES_PER_READ)
        .map((text) => JSON.parse(text) as InboxEntry),
    );
  }

  /** Resolves when something arrives in one of the shards, or after `blockMs`. */
  async #arrival(numbers: readonly number[], blockMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const readers = numbers.map((number) => this.#state.shard(number).readers);
    const cancel = this.#state.clock.after(blockMs, resolve);
    for (const each of readers) each.add(resolve);
    this.#waiting.add(reject);
    try {
      await promise;
    } finally {
      cancel();
      for (const each of readers) each.delete(resolve);
      this.#waiting.delete(reject);
    }
  }

  #write(shard: MemoryShard, write: ExecutionWrite): void {
    const execution = this.#state.executions.get(write.executionId);
    if (!execution) return;
    execution.events.push(...write.events);
    execution.visits = write.head.visits;
    execution.head = JSON.stringify(write.head);
    for (const [frameId, frame] of write.frames) {
      if (frame) execution.frames.set(frameId, JSON.stringify(frame));
      else execution.frames.delete(frameId);
    }
    for (const state of write.left) execution.states.delete(state);
    for (const state of write.entered) execution.states.add(state);
    for (const effect of write.effects) this.#apply(shard, execution, write, effect);
    if (write.closed) this.#close(shard, execution, write);
    const change = changeOf(write);
    if (change) this.#state.listeners.tell(change);
    for (const announcement of write.announcements) {
      const about = { changed: execution, announcement: JSON.stringify(announcement) };
      shard.notify(changeNotice(execution.id, announcement.change), about);
    }
  }

  #apply(shard: MemoryShard, execution: KeptExecution, write: ExecutionWrite, effect: Effect): void {
    switch (effect.type) {
      case 'DispatchTask':
      case 'CloseTask':
      case 'SetTimer':
      case 'ClearTimer':
        applyEffect(shard, execution, effect);
        break;
      default:
        applyMapRunEffect(this.#state, shard, write, effect);
    }
  }

  #close(shard: MemoryShard, execution: KeptExecution, write: ExecutionWrite): void {
    const { record, head } = write;
    if (record.child) {
      const attempt = head.redrives?.count ?? 0;
      shard.tell(record.child.parent, childEnded(record, record.child, head.state, attempt));
    }
    close(shard, execution, write);
    if (record.child && isEphemeral(record) && head.state.status === 'SUCCEEDED') {
      this.#state.mapRuns.get(record.child.mapRunArn)?.unheard.add(execution);
    } else if (head.state.status !== 'RUNNING') shard.closed.push({ execution, stopMs: head.state.stopMs });
  }
}

type OwnEffect = Extract<Effect, { type: 'DispatchTask' | 'CloseTask' | 'SetTimer' | 'ClearTimer' }>;

function applyEffect(shard: MemoryShard, execution: KeptExecution, effect: OwnEffect): void {
  switch (effect.type) {
    case 'DispatchTask':
      execution.tasks.set(effect.visit, keepTask(execution.id, effect.visit, effect.task));
      shard.outbox.set(taskMember(execution.id, effect.visit), shard.now() + FIRST_CHECK_MS);
      break;
    case 'CloseTask':
      shard.dropTask(execution, effect.visit);
      break;
    case 'SetTimer': {
      const { visit, purpose } = effect.timer;
      // A heartbeat may have come before the commit that sets its timer: the later deadline holds.
      const known = purpose === 'heartbeat' ? shard.timers.get(timerMember(execution.id, visit, purpose)) : undefined;
      shard.setTimer(execution, visit, purpose, Math.max(effect.dueMs, known ?? effect.dueMs));
      break;
    }
    case 'ClearTimer':
      shard.clearTimer(execution, effect.timer.visit, effect.timer.purpose);
      break;
  }
}

function noticeOf(id: string, { about }: KeptNotice): Notice {
  if ('stop' in about) return { id, type: 'stop', executionArn: about.stop };
  if ('started' in about) return { id, type: 'started', executionArn: about.started, waiter: about.waiter };
  if ('changed' in about) {
    return { id, type: 'changed', execution: JSON.parse(about.changed.record), ...JSON.parse(about.announcement) };
  }
  const { record, redrives, waiters } = about.ended;
  const execution = { ...JSON.parse(record), ...(redrives && { redrives }), ...JSON.parse(about.state) };
  return { id, type: 'ended', waiters: [...waiters], execution };
}

function keepTask(executionId: ExecutionId, visit: number, task: Omit<PendingTask, 'id'>): KeptTask {
  const pending: PendingTask = { id: { executionId, visit }, ...task };
  return {
    task: JSON.stringify(pending),
    nonce: task.taskToken.slice(task.taskToken.lastIndexOf('.') + 1),
    heartbeatMs: task.heartbeatSeconds === undefined ? undefined : task.heartbeatSeconds * 1000,
    state: 'waiting',
    workerName: undefined,
    permitOf: undefined,
    checks: 0,
    childArn: undefined,
    held: undefined,
  };
}

function close(shard: MemoryShard, execution: KeptExecution, { head: { state } }: ExecutionWrite): void {
  if (state.status === 'RUNNING') throw new Error(`Execution ${execution.id} closes but is RUNNING`);
  for (const visit of [...execution.tasks.keys()]) shard.dropTask(execution, visit);
  for (const member of execution.timers) shard.timers.delete(member);
  execution.timers.clear();
  if (state.status === 'SUCCEEDED') execution.frames.clear();
  execution.status = state.status;
  execution.state = JSON.stringify(state);
  if (execution.waiters.size > 0) {
    shard.forget(startedNotice(execution.id));
    shard.notify(`${execution.id}|${state.stopMs}`, { ended: execution, state: execution.state });
  }
}
