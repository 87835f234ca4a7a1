import {
  EXECUTION_STATUSES,
  type ExecutionRecord,
  type ExecutionStatus,
  type RedriveNote,
} from '../../../schemas/execution.ts';
import type { PendingTask, Submission, TaskId, TaskResult, TaskToken, Waiter } from '../../../schemas/task.ts';
import type { Frame, FrameId } from '../../interpreter/execution.ts';
import { executionId } from '../execution-id.ts';
import { comparePlaces, formatCursor, parseCursor } from '../list-place.ts';
import { startedNotice, taskMember } from '../member.ts';
import { type CurrentStates, currentStateOf, currentStates, type ExecutionStanding } from '../progress.ts';
import { redriveNote } from '../redrive-note.ts';
import {
  type ExecutionDescription,
  type ExecutionRemains,
  type ExecutionStore,
  type ExecutionSummary,
  REDRIVE_NOTES,
  REDRIVE_TOKEN_MS,
  REDRIVE_TOKENS,
  type RedriveChange,
  type RequestId,
  type TokenAnswer,
} from '../store.ts';
import type { MemoryPermits } from './permits.ts';
import type { KeptExecution, KeptTask, MemoryState } from './state.ts';

/** When the task for which an execution was started should know of it. */
const STARTED_NOTICE_MS = 5_000;

export class MemoryExecutions implements ExecutionStore {
  readonly #state: MemoryState;
  readonly #permits: Pick<MemoryPermits, 'free'>;

  constructor(state: MemoryState, permits: Pick<MemoryPermits, 'free'>) {
    this.#state = state;
    this.#permits = permits;
  }

  async start(record: Omit<ExecutionRecord, 'startMs'>, requestId: RequestId, waiter?: Waiter) {
    const id = record.executionId;
    const shard = this.#state.shardOf(id);
    const taken = this.#state.executions.get(id);
    if (taken) {
      const { startMs, status, waiters } = taken;
      const waits = waiter !== undefined && waiters.has(waiter);
      if (shard.remembers(requestId) || waits) return { outcome: 'started' as const, startMs };
      const same = status === 'RUNNING' && readRecord(taken).input === record.input;
      if (same && waiter !== undefined) waiters.add(waiter);
      return { outcome: same ? ('same' as const) : ('exists' as const), startMs };
    }
    const { startMs, waiters } = this.#state.begin(shard, record);
    if (waiter !== undefined) {
      waiters.add(waiter);
      shard.notify(startedNotice(id), { started: record.executionArn, waiter }, STARTED_NOTICE_MS);
    }
    shard.remember(requestId);
    return { outcome: 'started' as const, startMs };
  }

  async stop(executionArn: string, reason: { error?: string; cause?: string }) {
    const execution = this.#find(executionArn);
    if (!execution) return undefined;
    if (execution.state !== undefined) {
      return { outcome: 'closed' as const, stopMs: Number(JSON.parse(execution.state).stopMs) };
    }
    const stopMs = this.#state.shardOf(execution.id).tell(execution.id, { type: 'StopRequested', ...reason });
    return { outcome: 'accepted' as const, stopMs };
  }

  async redrive(executionArn: string, clientToken: string, stopMs: number | undefined, change: RedriveChange = {}) {
    const execution = this.#find(executionArn);
    if (!execution) return undefined;
    const { redriveTokens } = execution;
    const now = this.#state.clock.now();
    for (const [token, ms] of redriveTokens) if (ms <= now - REDRIVE_TOKEN_MS) redriveTokens.delete(token);
    const before = redriveTokens.get(clientToken);
    if (before !== undefined) return { redriveMs: before };
    if (execution.state === undefined || JSON.parse(execution.state).stopMs !== stopMs) return 'refused' as const;
    const redriveMs = this.#state.reopen(this.#state.shardOf(execution.id), execution, change.edits);
    const { revisionId } = change;
    if (revisionId !== undefined) execution.record = JSON.stringify({ ...readRecord(execution), revisionId });
    execution.redriveNotes.push(JSON.stringify({ redriveMs, ...redriveNote(change) }));
    if (execution.redriveNotes.length > REDRIVE_NOTES) execution.redriveNotes.shift();
    redriveTokens.set(clientToken, redriveMs);
    const [oldest] = redriveTokens.keys();
    if (oldest !== undefined && redriveTokens.size > REDRIVE_TOKENS) redriveTokens.delete(oldest);
    return { redriveMs };
  }

  async redrives(executionArn: string): Promise<readonly RedriveNote[]> {
    const notes = this.#find(executionArn)?.redriveNotes ?? [];
    return notes.map((text) => JSON.parse(text) as RedriveNote);
  }

  async frames(executionArn: string): Promise<ReadonlyMap<FrameId, Frame>> {
    const execution = this.#find(executionArn);
    if (!execution || execution.state === undefined || execution.status === 'SUCCEEDED') return new Map();
    return new Map([...execution.frames].map(([id, text]) => [id, JSON.parse(text) as Frame]));
  }

  async remains(executionArn: string): Promise<ExecutionRemains | undefined> {
    const execution = this.#find(executionArn);
    if (!execution) return undefined;
    const { status, events, head } = execution;
    const frames = head !== undefined && status !== 'SUCCEEDED';
    return { historyEvents: events.length, frames, nowMs: this.#state.clock.now() };
  }

  async describe(executionArn: string): Promise<ExecutionDescription | undefined> {
    const execution = this.#find(executionArn);
    return execution && describe(execution);
  }

  async standing(executionArn: string): Promise<ExecutionStanding | undefined> {
    const execution = this.#find(executionArn);
    if (!execution) return undefined;
    const { status, events, redrives, state } = execution;
    const counts = { status, events: events.length, redriveCount: redrives?.count ?? 0 };
    return state === undefined ? counts : { ...counts, stopMs: Number(JSON.parse(state).stopMs) };
  }

  async currentStates(executionArn: string, limit: number): Promise<CurrentStates> {
    const frames = [...(this.#find(executionArn)?.frames.values() ?? [])].map((text) => JSON.parse(text) as Frame);
    return currentStates(
      frames.flatMap((frame) => currentStateOf(frame) ?? []),
      limit,
    );
  }

  async history(executionArn: string, { start, limit, reverse }: { start: number; limit: number; reverse: boolean }) {
    const execution = this.#find(executionArn);
    if (!execution) return undefined;
    const events = reverse ? execution.events.toReversed() : execution.events;
    return { events: events.slice(start, start + limit), total: events.length };
  }

  async list(
    filter: { list: string; status?: ExecutionStatus },
    { limit, cursor }: { limit: number; cursor?: string },
  ) {
    const statuses: readonly ExecutionStatus[] = filter.status ? [filter.status] : EXECUTION_STATUSES;
    const all = [...(this.#state.lists.get(filter.list) ?? [])]
      .filter(({ status }) => statuses.includes(status))
      .sort(comparePlaces);
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    if (cursor !== undefined && !after) return { executions: [] };
    const from = after ? all.findIndex((execution) => comparePlaces(execution, after) > 0) : 0;
    const rows = from < 0 ? [] : all.slice(from, from + limit);
    const last = rows.at(-1);
    const more = last && last !== all.at(-1);
    return { executions: rows.map(summarize), ...(more && { cursor: formatCursor(last) }) };
  }

  async countOpen(stateMachineArn: string): Promise<number> {
    let open = 0;
    for (const { status } of this.#state.lists.get(stateMachineArn) ?? []) if (status === 'RUNNING') open += 1;
    return open;
  }

  async reserveTask(id: TaskId, workerName?: string, permitOf?: string): Promise<PendingTask | undefined> {
    const task = this.#state.executions.get(id.executionId)?.tasks.get(id.visit);
    if (!task || task.state === 'started') return undefined;
    task.state = 'reserved';
    task.workerName = workerName;
    task.permitOf = permitOf;
    return JSON.parse(task.task) as PendingTask;
  }

  async startTask(id: TaskId, workerName?: string): Promise<boolean> {
    const task = this.#state.executions.get(id.executionId)?.tasks.get(id.visit);
    if (!task) return false;
    if (task.state === 'started') return task.workerName === workerName;
    task.state = 'started';
    task.workerName = workerName;
    const shard = this.#state.shardOf(id.executionId);
    shard.outbox.delete(taskMember(id.executionId, id.visit));
    shard.tell(id.executionId, { type: 'TaskStarted', visit: id.visit, workerName });
    return true;
  }

  async submitTask(token: TaskToken, { output, childArn }: Submission): Promise<TokenAnswer> {
    const shard = this.#state.shardOf(token.executionId);
    const found = this.#open(token);
    if (typeof found === 'string') return found;
    const { visit } = token;
    const { task, execution } = found;
    shard.tell(token.executionId, { type: 'TaskSubmitted', visit, output });
    if (task.held) {
      shard.closeTask(execution, visit);
      shard.tell(token.executionId, task.held);
    } else task.childArn = childArn;
    return 'accepted';
  }

  async startHeard(executionArn: string): Promise<void> {
    const id = executionId(executionArn);
    this.#state.shardOf(id).forget(startedNotice(id));
  }

  async submissionOf({ executionId: id, visit }: TaskToken): Promise<'submitted' | 'open' | 'closed'> {
    const task = this.#state.executions.get(id)?.tasks.get(visit);
    if (!task) return 'closed';
    return task.childArn === undefined ? 'open' : 'submitted';
  }

  async settleTask(
    token: TaskToken,
    result: TaskResult,
    requestId: RequestId,
    order: 'submitted' | 'at once' = 'at once',
  ): Promise<TokenAnswer> {
    const shard = this.#state.shardOf(token.executionId);
    const found = this.#open(token);
    if (typeof found === 'string') return found === 'closed' && shard.remembers(requestId) ? 'accepted' : found;
    const { visit } = token;
    const { task, execution } = found;
    if (task.held) return 'closed';
    shard.remember(requestId);
    const stimulus = { type: 'TaskSettled', visit, result };
    if (order === 'submitted' && task.childArn === undefined) {
      task.held = JSON.parse(JSON.stringify(stimulus));
      return 'accepted';
    }
    shard.closeTask(execution, visit);
    const { state, workerName, permitOf } = task;
    if (permitOf !== undefined) this.#permits.free(permitOf, token);
    // Its start was not told yet and never will be: the worker's name comes with the result.
    shard.tell(token.executionId, state === 'reserved' ? { ...stimulus, workerName } : stimulus);
    return 'accepted';
  }

  async heartbeatTask(token: TaskToken): Promise<TokenAnswer> {
    const found = this.#open(token);
    if (typeof found === 'string') return found;
    const { heartbeatMs } = found.task;
    if (heartbeatMs !== undefined) {
      const shard = this.#state.shardOf(token.executionId);
      shard.setTimer(found.execution, token.visit, 'heartbeat', this.#state.clock.now() + heartbeatMs);
    }
    return 'accepted';
  }

  #find(executionArn: string): KeptExecution | undefined {
    return this.#state.executions.get(executionId(executionArn));
  }

  #open(token: TaskToken): { execution: KeptExecution; task: KeptTask } | 'closed' | 'unknown' {
    const execution = this.#state.executions.get(token.executionId);
    if (!execution) return 'unknown';
    const task = execution.tasks.get(token.visit);
    if (task) return task.nonce === token.nonce ? { execution, task } : 'unknown';
    return execution.state !== undefined || token.visit <= execution.visits ? 'closed' : 'unknown';
  }
}

const readRecord = (execution: KeptExecution): ExecutionRecord => JSON.parse(execution.record) as ExecutionRecord;

function describe(execution: KeptExecution): ExecutionDescription {
  const told = { ...readRecord(execution), ...redrivesOf(execution) };
  if (execution.state === undefined) return { ...told, status: 'RUNNING' };
  return { ...told, ...JSON.parse(execution.state) } as ExecutionDescription;
}

/** A row of a list. */
export function summarize(execution: KeptExecution): ExecutionSummary {
  const { input: _input, ...record } = readRecord(execution);
  const { status } = execution;
  const told = { ...record, ...redrivesOf(execution), status };
  if (execution.state === undefined) return told;
  return { ...told, stopMs: Number(JSON.parse(execution.state).stopMs) };
}

const redrivesOf = ({ redrives }: KeptExecution) => (redrives ? { redrives } : {});
