import type {
  ExecutionRecord,
  ExecutionState,
  ExecutionStatus,
  RedriveNote,
  Redrives,
} from '../../schemas/execution.ts';
import type { MapRunRecord, MapRunThresholds } from '../../schemas/map-run.ts';
import type {
  ExecutionId,
  PendingTask,
  Submission,
  TaskId,
  TaskResult,
  TaskToken,
  Waiter,
} from '../../schemas/task.ts';
import type { Announcement } from '../../schemas/webhook.ts';
import type { Effect } from '../interpreter/effect.ts';
import type { Execution, Frame, FrameId, Head } from '../interpreter/execution.ts';
import type { RedriveEdits, Stimulus } from '../interpreter/stimulus.ts';
import type { AccessKeys } from './access-keys.ts';
import type { AnswerStore } from './answers.ts';
import type { BulkRedriveStore } from './bulk-redrive-store.ts';
import type { LiveFeed } from './live.ts';
import type { PermitStore } from './permit-store.ts';
import type { PollStore } from './poll-store.ts';
import type { CurrentStates, ExecutionStanding } from './progress.ts';
import type { Registry } from './registry-store.ts';
import type { ExecutionSearch, ExecutionSummary } from './search.ts';
import type { StoreStatistics } from './statistics.ts';
import type { VersionStore } from './version-store.ts';
import type { WebhookStore } from './webhook-store.ts';

export type {
  ActivityChange,
  ActivityRecord,
  Registry,
  StateMachineRecord,
  Tag,
} from './registry-store.ts';
export type { ExecutionSummary } from './search.ts';

/**
 * The persistence port: what requests need (API), what a shard's owner needs (runtime), the registry of machines and activities,
 * the versions of machines with their aliases, looking for executions, permits to hand out tasks, redrives of many
 * executions, who may come in, and webhooks. Implementations: memory and Redis. Every instant is the store's own clock.
 */
export interface Store {
  readonly executions: ExecutionStore;
  readonly mapRuns: MapRunStore;
  readonly live: LiveFeed;
  readonly answers: AnswerStore;
  readonly shards: ShardStore;
  readonly registry: Registry;
  readonly versions: VersionStore;
  readonly statistics: StoreStatistics;
  readonly search: ExecutionSearch;
  readonly permits: PermitStore;
  readonly accessKeys: AccessKeys;
  readonly polls: PollStore;
  readonly webhooks: WebhookStore;
  readonly bulkRedrives: BulkRedriveStore;
  /** Ends connections. Pending calls are rejected. */
  close(): Promise<void>;
}

/**
 * What every method may throw: the store cannot be reached, or refuses writes (full, loading). Nothing is known about the call
 * that failed so: it may have been applied. Sending it again with the same request id or the same batch is safe.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

// ------------------------------------------------------------------ requests

/** Makes a request recognisable when a cut connection sends it twice: the second is answered like the first. */
export type RequestId = string;

export interface ExecutionStore {
  /**
   * Records the execution, indexes it and tells its shard, all at once: after that it is durable.
   * `exists` when the name is taken by a closed execution or by one with another input; `same` when it is RUNNING with the
   * same input bytes.
   *
   * @param waiter hears of the end of the execution (`ShardStore.dueNotices`) that this starts, or finds as `same`. An execution that
   * it waits for already is answered as `started`, however it stands. One that is started gives a notice of that after some seconds, too
   */
  start(
    record: Omit<ExecutionRecord, 'startMs'>,
    requestId: RequestId,
    waiter?: Waiter,
  ): Promise<{ outcome: 'started' | 'same' | 'exists'; startMs: number }>;
  /** Asks the owner to abort. `closed` answers with the time it stopped. */
  stop(
    executionArn: string,
    reason: { error?: string; cause?: string },
  ): Promise<{ outcome: 'accepted' | 'closed'; stopMs: number } | undefined>;
  /**
   * Opens a closed execution again and tells its shard, all at once: after that it is durable. Its close is undone: it is RUNNING,
   * and its retention begins at its next close.
   *
   * @param clientToken names this redrive for 15 minutes, as one of the last ten of the execution: again it does nothing, and is
   * answered alike, however the execution stands
   * @param stopMs the close that the caller has seen and wants undone; undefined only asks for what the token did
   * @param change what is otherwise than before. Another revision is in the record from here on
   * @returns when the token redrove it; `refused` when it is not closed, or was closed at another time
   */
  redrive(
    executionArn: string,
    clientToken: string,
    stopMs: number | undefined,
    change?: RedriveChange,
  ): Promise<{ redriveMs: number } | 'refused' | undefined>;
  /** The last redrives, at most {@link REDRIVE_NOTES} and those of Map Runs' children left out, the oldest first. */
  redrives(executionArn: string): Promise<readonly RedriveNote[]>;
  /** What its end without success has left of an execution, for a redrive to go on with; nothing of any other. */
  frames(executionArn: string): Promise<ReadonlyMap<FrameId, Frame>>;
  describe(executionArn: string): Promise<ExecutionDescription | undefined>;
  /** How far it is, at little cost. */
  standing(executionArn: string): Promise<ExecutionStanding | undefined>;
  /** The states that it is in, at most `limit`; none unless it is open. Of thousands, any. */
  currentStates(executionArn: string, limit: number): Promise<CurrentStates>;
  /** What else decides whether an execution may be redriven. */
  remains(executionArn: string): Promise<ExecutionRemains | undefined>;
  /** Events as JSON texts, oldest first or newest first, from offset `start` in that order. */
  history(
    executionArn: string,
    page: { start: number; limit: number; reverse: boolean },
  ): Promise<{ events: string[]; total: number } | undefined>;
  /**
   * The executions that an ARN lists (`lists.ts`), newest first. `cursor` is the one that the page before returned; after anything else
   * there is nothing.
   */
  list(
    filter: { list: string; status?: ExecutionStatus },
    page: { limit: number; cursor?: string },
  ): Promise<{ executions: ExecutionSummary[]; cursor?: string }>;
  /** How many of a machine's executions are open. */
  countOpen(stateMachineArn: string): Promise<number>;

  /**
   * Sets a task aside for a worker that is about to get it. Undefined when it is no longer wanted (settled, timed out, stopped) or
   * another worker has it already.
   *
   * @param permitOf the activity under whose permit it is handed out: the permit is free when a result comes in
   */
  reserveTask(id: TaskId, workerName?: string, permitOf?: string): Promise<PendingTask | undefined>;
  /** The worker has the task: tells the shard (ActivityStarted), takes it out of the outbox. False when it is no longer wanted. */
  startTask(id: TaskId, workerName?: string): Promise<boolean>;
  /**
   * What the task waits for is under way: tells the shard. The execution that was started for it is told to stop (`dueNotices`) when
   * the task ends otherwise than by a result. `accepted` until the task has ended; again it does no harm.
   */
  submitTask(token: TaskToken, submission: Submission): Promise<TokenAnswer>;
  /** The task for which an execution was started knows of it: that needs no notice. */
  startHeard(executionArn: string): Promise<void>;
  /** Whether the task was submitted with an execution that was started for it, is to be, or has ended. */
  submissionOf(token: TaskToken): Promise<'submitted' | 'open' | 'closed'>;
  /**
   * Claims the token and tells the shard. `accepted` once (and again for the same request), then `closed`.
   *
   * @param order `submitted`: the result is that of the execution that the task was submitted with. When it comes before the
   * submission, the shard hears both in order once that has come
   */
  settleTask(
    token: TaskToken,
    result: TaskResult,
    requestId: RequestId,
    order?: 'submitted' | 'at once',
  ): Promise<TokenAnswer>;
  /** Pushes the heartbeat deadline back by the task's own heartbeatSeconds. */
  heartbeatTask(token: TaskToken): Promise<TokenAnswer>;
}

export interface MapRunStore {
  describe(mapRunArn: string): Promise<MapRunRecord | undefined>;
  /** The Map Runs of an execution, newest first. */
  list(executionArn: string): Promise<readonly MapRunRecord[]>;
  /** Tells the execution to change the thresholds. `closed` when the Map Run has ended. */
  update(mapRunArn: string, thresholds: Partial<MapRunThresholds>): Promise<'accepted' | 'closed' | 'unknown'>;
  /** What was kept of its children's ends (`KeepResult`), in the order in which they started. */
  results(mapRunArn: string): AsyncIterable<string>;
}

/** `closed`: the task was settled, timed out or stopped. `unknown`: no such execution, or a token we never gave out. */
export type TokenAnswer = 'accepted' | 'closed' | 'unknown';

export type ExecutionDescription = ExecutionRecord & ExecutionState & { readonly redrives?: Redrives };

export interface ExecutionRemains {
  readonly historyEvents: number;
  /** Whether there are frames to go on with. A release that did not know redrives has kept none. */
  readonly frames: boolean;
  /** It is in the archive alone. */
  readonly archived?: boolean;
  /** What time it is now. */
  readonly nowMs: number;
}

/** What a redrive changes of an execution. */
export interface RedriveChange {
  readonly edits?: RedriveEdits;
  /** What it runs from here on. */
  readonly revisionId?: string;
  /** Who wants it. */
  readonly by?: string;
}

/**
 * What an engine understands of what others write for it. It grows with a stimulus, or a part of one, that an engine of before would
 * pass over or fail at: that is not written while one lives ({@link Registry.oldestEngine}).
 */
export const ENGINE_LEVEL = 2;
/** From which level on something is understood. */
export const UNDERSTOOD_FROM = { redriveEdits: 2, webhooks: 2 } as const;

/** Redrives of one execution that are told. */
export const REDRIVE_NOTES = 10;

/** Redrives of one execution that are remembered by their client token (AWS: RedriveExecution, `clientToken`). */
export const REDRIVE_TOKENS = 10;
export const REDRIVE_TOKEN_MS = 15 * 60_000;

// ------------------------------------------------------------------ a shard's owner

export interface ShardStore {
  readonly count: number;
  /** Takes the lease when it is free, expired or already ours by name. The epoch grows with each claim. */
  claim(shard: number, owner: string, leaseMs: number): Promise<Lease | undefined>;
  /** Extends leases; answers those that are still ours. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]>;
  /** Gives a lease up at once. */
  release(lease: Lease): Promise<void>;
  /** Announces a live engine, with its {@link ENGINE_LEVEL}, and tells which engines are alive, itself included. */
  announce(owner: string, ttlMs: number): Promise<readonly string[]>;
  withdraw(owner: string): Promise<void>;

  /** What arrived after `cursor` for each shard (`0` is the beginning), waiting up to `blockMs` when there is nothing. */
  read(cursors: ReadonlyMap<number, string>, blockMs: number): Promise<readonly InboxEntry[]>;
  /**
   * Open executions by id; those that are unknown are missing in the answer. One that was redriven just now is as its
   * close left it, until its `Redriven` is interpreted.
   */
  load(shard: number, ids: readonly ExecutionId[]): Promise<ReadonlyMap<ExecutionId, Execution>>;
  /**
   * Writes a batch at once if the lease is still ours. `committed` also when the very batch was applied before and its answer lost.
   * `noticed` is committed, too, and there are notices to send.
   * `lost` means nothing was written and everything known about the shard is void. After an error nobody knows: send the very same
   * batch again, or give the lease up. One commit of a shard at a time.
   */
  commit(lease: Lease, batch: Batch): Promise<'committed' | 'noticed' | 'lost'>;
  /** Moves due timers to the inbox (closing the tokens of tasks that time out); answers when the next is due, in ms from now. */
  fireTimers(lease: Lease, limit: number): Promise<{ fired: number; nextInMs: number | undefined }>;
  /**
   * Tasks that no worker has started and that are due for a check, at most `limit`; their next check moves away,
   * further each time. Adding them to their queue again is harmless.
   */
  dueOutbox(lease: Lease, limit: number): Promise<readonly PendingTask[]>;
  /**
   * What executions of other shards are to hear and have not, as far as known: at most `limit`; their next turn moves away,
   * further each time. Telling twice is harmless.
   */
  dueNotices(lease: Lease, limit: number): Promise<readonly Notice[]>;
  /** They were told. */
  removeNotices(lease: Lease, ids: readonly string[]): Promise<void>;
  /**
   * Closed executions that have been kept long enough, at most `limit`, those that closed first before others. Not among them, but looked at
   * again later: those of which a task or a webhook has still to hear, and the children of an execution that has not closed itself.
   */
  expired(lease: Lease, limit: number): Promise<readonly ExpiredExecution[]>;
  /** Removes them, but those that were opened again. Answers how many went. */
  expire(lease: Lease, expired: readonly ExpiredExecution[]): Promise<number>;
}

/** An execution, by the close that made its retention begin. */
export interface ExpiredExecution {
  readonly executionId: ExecutionId;
  readonly stopMs: number;
  /** Absent when there is nothing to be told of it: it is gone, or was opened again, or is an Express one. */
  readonly executionArn?: string;
}

/** What one shard has to tell another, or the world: it was decided by a commit, or when a timer fired, and is kept until it was told. */
export type Notice =
  /** An execution has ended that tasks wait for. */
  | {
      readonly id: string;
      readonly type: 'ended';
      readonly waiters: readonly Waiter[];
      readonly execution: EndedExecution;
    }
  /** An execution was started for a task, which does not know of it yet (`startHeard`). If the task has ended, nobody will stop the execution. */
  | { readonly id: string; readonly type: 'started'; readonly executionArn: string; readonly waiter: Waiter }
  /** Nobody waits any more for an execution that was started for one task alone. */
  | { readonly id: string; readonly type: 'stop'; readonly executionArn: string }
  /** Webhooks are to hear that the status of an execution has changed. */
  | ({ readonly id: string; readonly type: 'changed'; readonly execution: ExecutionRecord } & Announcement);

export type EndedExecution = ExecutionRecord &
  Exclude<ExecutionState, { status: 'RUNNING' }> & { readonly redrives?: Redrives };

export interface Lease {
  readonly shard: number;
  readonly owner: string;
  readonly epoch: number;
  /** Number of the last batch that was committed under this lease; the store counts it up. */
  sequence: number;
}

export interface InboxEntry {
  readonly shard: number;
  /** Names the entry for `cursor` and for `Batch.consumed`. */
  readonly entryId: string;
  readonly executionId: ExecutionId;
  readonly stimulus: Stimulus;
  /** Comes with `Started`, so that a new execution need not be loaded. */
  readonly record?: ExecutionRecord;
}

/** What one commit writes. */
export interface Batch {
  readonly consumed: readonly string[];
  readonly writes: readonly ExecutionWrite[];
}

export interface ExecutionWrite {
  readonly executionId: ExecutionId;
  readonly record: ExecutionRecord;
  readonly head: Head;
  /**
   * True when this batch ends the execution: its timers and tasks go, its status index changes. Its frames go when it
   * succeeded; else they stay for a redrive.
   */
  readonly closed: boolean;
  /** Changed frames; null removes one. */
  readonly frames: ReadonlyMap<FrameId, Frame | null>;
  /** New history events as JSON texts, in order of id. */
  readonly events: readonly string[];
  readonly effects: readonly Effect[];
  /** Names of the states that it has come into and those that it has left, since its last commit. */
  readonly entered: readonly string[];
  readonly left: readonly string[];
  /** Changes of its status that webhooks want to hear of: each is a notice from this commit on. */
  readonly announcements: readonly Announcement[];
}
