import type { ExecutionRecord, ExecutionStatus, Redrives } from '../../../schemas/execution.ts';
import type { ExecutionId, Waiter } from '../../../schemas/task.ts';
import type { FrameId } from '../../interpreter/execution.ts';
import type { RedriveEdits, TimerPurpose } from '../../interpreter/stimulus.ts';
import { shardOf } from '../execution-id.ts';
import { listsOf } from '../lists.ts';
import { Listeners } from '../live.ts';
import { taskMember, timerMember } from '../member.ts';
import type { StoreClock } from './clock.ts';
import { DueSet } from './due-set.ts';

/**
 * Everything that a store in memory keeps. Values are kept as JSON texts, as a real store keeps them, so
 * that nothing is shared with callers and nothing survives that would not survive a text.
 */
export class MemoryState {
  readonly clock: StoreClock;
  readonly shards: readonly MemoryShard[];
  readonly executions = new Map<ExecutionId, KeptExecution>();
  /** The executions under each ARN that lists some. */
  readonly lists = new Map<string, Set<KeptExecution>>();
  readonly listeners = new Listeners();
  /** By ARN. */
  readonly mapRuns = new Map<string, KeptMapRun>();

  constructor(clock: StoreClock, shardCount: number) {
    this.clock = clock;
    this.shards = Array.from({ length: shardCount }, (_, number) => new MemoryShard(number, clock));
  }

  shardOf(id: ExecutionId): MemoryShard {
    return this.shard(shardOf(id, this.shards.length));
  }

  shard(number: number): MemoryShard {
    const shard = this.shards[number];
    if (!shard) throw new RangeError(`There is no shard ${number} of ${this.shards.length}`);
    return shard;
  }

  /** Records an execution that begins at the instant it is told of. */
  begin(shard: MemoryShard, record: Omit<ExecutionRecord, 'startMs'>): KeptExecution {
    const id = record.executionId;
    const textAt = (startMs: number) => JSON.stringify({ ...record, startMs });
    const startMs = shard.tell(id, { type: 'Started' }, textAt);
    const execution: KeptExecution = {
      id,
      lists: listsOf(record),
      startMs,
      record: textAt(startMs),
      events: [],
      frames: new Map(),
      tasks: new Map(),
      timers: new Set(),
      visits: 0,
      status: 'RUNNING',
      states: new Set(),
      state: undefined,
      head: undefined,
      redrives: undefined,
      redriveTokens: new Map(),
      redriveNotes: [],
      waiters: new Set(),
    };
    this.executions.set(id, execution);
    for (const arn of execution.lists) {
      const list = this.lists.get(arn);
      if (list) list.add(execution);
      else this.lists.set(arn, new Set([execution]));
    }
    return execution;
  }

  /** Opens a closed execution again. Answers the instant. */
  reopen(shard: MemoryShard, execution: KeptExecution, edits?: RedriveEdits): number {
    const count = (execution.redrives?.count ?? 0) + 1;
    const redriveMs = shard.tell(execution.id, { type: 'Redriven', count, edits });
    execution.redrives = { count, lastMs: redriveMs };
    execution.status = 'RUNNING';
    execution.state = undefined;
    return redriveMs;
  }

  /** Forgets an execution with its Map Runs. */
  remove(execution: KeptExecution): void {
    this.executions.delete(execution.id);
    for (const arn of execution.lists) this.lists.get(arn)?.delete(execution);
    for (const [arn, { executionId, unheard }] of this.mapRuns) {
      unheard.delete(execution);
      if (executionId !== execution.id) continue;
      for (const { id } of unheard) this.executions.delete(id);
      this.mapRuns.delete(arn);
    }
  }
}

export interface KeptExecution {
  readonly id: ExecutionId;
  /** Where it is listed: see `listsOf`. */
  readonly lists: readonly string[];
  readonly startMs: number;
  /** The ExecutionRecord. */
  record: string;
  readonly events: string[];
  readonly frames: Map<FrameId, string>;
  readonly tasks: Map<number, KeptTask>;
  /** Its members of the shard's timers. */
  readonly timers: Set<string>;
  visits: number;
  status: ExecutionStatus;
  /** Names of the states that it is in while it is open. */
  readonly states: Set<string>;
  /** The ExecutionState, from the close on. */
  state: string | undefined;
  /** The Head, from the first commit on. */
  head: string | undefined;
  redrives: Redrives | undefined;
  /** When each client token redrove it, the oldest first. */
  readonly redriveTokens: Map<string, number>;
  /** The last RedriveNotes, the oldest first. */
  readonly redriveNotes: string[];
  /** Who waits for its end. */
  readonly waiters: Set<Waiter>;
}

export interface KeptMapRun {
  readonly executionId: ExecutionId;
  /** The MapRunRecord. */
  record: string;
  /** What is kept of its children's ends, by index. */
  readonly results: Map<number, string>;
  /** Express children that ended well, of which their parent has not heard. */
  readonly unheard: Set<KeptExecution>;
}

export interface KeptTask {
  /** The PendingTask. */
  readonly task: string;
  readonly nonce: string;
  readonly heartbeatMs: number | undefined;
  state: 'waiting' | 'reserved' | 'started';
  workerName: string | undefined;
  /** The activity under whose permit it was handed out. */
  permitOf: string | undefined;
  checks: number;
  /** The execution that was started for it. */
  childArn: string | undefined;
  /** The result of that execution (a TaskSettled), if it is known before the execution itself. */
  held: object | undefined;
}

/** What another shard is to hear. */
export interface KeptNotice {
  /**
   * An execution that has ended, in this state; one that was started for a task; the ARN of one that is to stop; one whose status has
   * changed, with the Announcement.
   */
  readonly about:
    | { readonly ended: KeptExecution; readonly state: string }
    | { readonly started: string; readonly waiter: Waiter }
    | { readonly stop: string }
    | { readonly changed: KeptExecution; readonly announcement: string };
  turns: number;
}

interface KeptLease {
  owner: string | undefined;
  epoch: number;
  expiresMs: number;
  sequence: number;
}

interface KeptEntry {
  readonly ms: number;
  readonly sequence: number;
  /** An InboxEntry. */
  readonly text: string;
}

/** How long a request is remembered, so that it is answered alike when it comes again. */
const CLAIM_MS = 60_000;

export class MemoryShard {
  readonly number: number;
  readonly #clock: StoreClock;
  readonly lease: KeptLease = { owner: undefined, epoch: 0, expiresMs: 0, sequence: 0 };
  readonly inbox = new Map<string, KeptEntry>();
  /** By {@link timerMember}. */
  readonly timers = new DueSet();
  /** By {@link taskMember}: the next check of a task that no worker has started. */
  readonly outbox = new DueSet();
  /** The next turn of each notice, and what it says. */
  readonly notices = new DueSet();
  readonly noticeTexts = new Map<string, KeptNotice>();
  /** Whether there is one more than when this was last set. */
  noticed = false;
  /** Closed executions in order of closing. */
  closed: { execution: KeptExecution; stopMs: number }[] = [];
  /** Called when something arrives. */
  readonly readers = new Set<() => void>();
  readonly #claims = new Map<string, number>();
  #lastMs = 0;
  #lastSequence = 0;

  constructor(number: number, clock: StoreClock) {
    this.number = number;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Appends to the inbox; answers the instant, which never goes back. */
  tell(executionId: ExecutionId, stimulus: object, recordOf?: (ms: number) => string): number {
    const now = this.#clock.now();
    this.#lastSequence = now > this.#lastMs ? 0 : this.#lastSequence + 1;
    this.#lastMs = Math.max(now, this.#lastMs);
    const ms = this.#lastMs;
    const entryId = `${ms}-${this.#lastSequence}`;
    const entry = { shard: this.number, entryId, executionId, stimulus: { ...stimulus, at: ms } };
    const text = JSON.stringify(recordOf ? { ...entry, record: JSON.parse(recordOf(ms)) } : entry);
    this.inbox.set(entryId, { ms, sequence: this.#lastSequence, text });
    for (const wake of this.readers) wake();
    return ms;
  }

  /** Entries after a cursor, as texts. */
  after(cursor: string, limit: number): string[] {
    const [ms = 0, sequence = 0] = cursor.split('-').map(Number);
    const texts: string[] = [];
    for (const entry of this.inbox.values()) {
      if (texts.length >= limit) break;
      if (entry.ms > ms || (entry.ms === ms && entry.sequence > sequence)) texts.push(entry.text);
    }
    return texts;
  }

  remember(requestId: string): void {
    const now = this.#clock.now();
    for (const [oldest, ms] of this.#claims) {
      if (ms > now - CLAIM_MS) break;
      this.#claims.delete(oldest);
    }
    this.#claims.set(requestId, now);
  }

  remembers(requestId: string): boolean {
    return this.#claims.has(requestId);
  }

  setTimer(execution: KeptExecution, visit: number, purpose: TimerPurpose, dueMs: number): void {
    const member = timerMember(execution.id, visit, purpose);
    execution.timers.add(member);
    this.timers.set(member, dueMs);
  }

  clearTimer(execution: KeptExecution, visit: number, purpose: TimerPurpose): void {
    const member = timerMember(execution.id, visit, purpose);
    execution.timers.delete(member);
    this.timers.delete(member);
  }

  notify(id: string, about: KeptNotice['about'], delayMs = 0): void {
    this.notices.set(id, this.#clock.now() + delayMs);
    this.noticeTexts.set(id, { about, turns: 0 });
    this.noticed = true;
  }

  forget(notice: string): void {
    this.notices.delete(notice);
    this.noticeTexts.delete(notice);
  }

  /** Ends a task that is not settled: what was started for it is to stop. */
  dropTask(execution: KeptExecution, visit: number): KeptTask | undefined {
    const task = this.closeTask(execution, visit);
    if (task?.childArn !== undefined) this.notify(`${execution.id}|v${visit}`, { stop: task.childArn });
    return task;
  }

  /** Ends a task: its token closes, its timers go. Answers it, or undefined when it had ended before. */
  closeTask(execution: KeptExecution, visit: number): KeptTask | undefined {
    const task = execution.tasks.get(visit);
    execution.tasks.delete(visit);
    this.outbox.delete(taskMember(execution.id, visit));
    this.clearTimer(execution, visit, 'timeout');
    this.clearTimer(execution, visit, 'heartbeat');
    return task;
  }
}
