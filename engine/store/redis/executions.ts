import type { Redis } from 'ioredis';
import type { ExecutionRecord, RedriveNote } from '../../../schemas/execution.ts';
import type {
  ExecutionId,
  PendingTask,
  Submission,
  TaskId,
  TaskResult,
  TaskToken,
  Waiter,
} from '../../../schemas/task.ts';
import type { Frame, FrameId } from '../../interpreter/execution.ts';
import { executionId } from '../execution-id.ts';
import { listsOf, startListsOf } from '../lists.ts';
import { startedNotice } from '../member.ts';
import type { CurrentStates, ExecutionStanding } from '../progress.ts';
import {
  type ExecutionDescription,
  type ExecutionRemains,
  type ExecutionStore,
  REDRIVE_TOKEN_MS,
  REDRIVE_TOKENS,
  type RedriveChange,
  type RequestId,
  type TokenAnswer,
} from '../store.ts';
import {
  decodeKeptRecord,
  decodeRedriveNotes,
  decodeRedrives,
  decodeState,
  decodeTask,
  decodeTime,
  decodeWork,
  encodeArrival,
  encodeRecord,
  encodeRedrive,
  pack,
  unpack,
} from './codec.ts';
import { unpackEvents } from './history-codec.ts';
import { errorKeysOf } from './index-keys.ts';
import { keysOf, type ShardKeys, WORK } from './keys.ts';
import { countOpen, list } from './listing.ts';
import type { RedisPermits } from './permits.ts';
import { standing, statesOf } from './progress.ts';
import { type Argument, asBuffer, asList, asNumber, asText, call, type Reply, run, scripts } from './scripts.ts';

export class RedisExecutions implements ExecutionStore {
  readonly #redis: Redis;
  readonly #keys: readonly ShardKeys[];
  readonly #permits: Pick<RedisPermits, 'free'>;

  constructor(redis: Redis, keys: readonly ShardKeys[], permits: Pick<RedisPermits, 'free'>) {
    this.#redis = redis;
    this.#keys = keys;
    this.#permits = permits;
  }

  async start(record: Omit<ExecutionRecord, 'startMs'>, requestId: RequestId, waiter: Waiter = '') {
    const id = record.executionId;
    const shard = this.#shard(id);
    const indexes = startListsOf(record).map((list) => shard.index(list, 'RUNNING'));
    const reply = await this.#run(
      'start',
      [shard.execution(id), shard.inbox, shard.claims, shard.oldClaims, shard.notices, shard.noticeTexts, ...indexes],
      [id, requestId, encodeRecord(record), pack(record.input), waiter],
    );
    const [started, kept, input, state] = asList(reply);
    if (started === 1) return { outcome: 'started' as const, startMs: asNumber(kept) };
    const { startMs } = decodeKeptRecord(id, asBuffer(kept), '');
    let same = !state && unpack(asBuffer(input)) === record.input;
    // It may have ended since.
    if (same && waiter !== '') same = (await this.#run('waitFor', [shard.execution(id)], [waiter])) === 1;
    return { outcome: same ? ('same' as const) : ('exists' as const), startMs };
  }

  async stop(executionArn: string, reason: { error?: string; cause?: string }) {
    const id = executionId(executionArn);
    const shard = this.#shard(id);
    const stimulus = encodeArrival({ type: 'StopRequested', ...reason });
    const reply = await this.#run('stop', [shard.execution(id), shard.inbox], [id, stimulus]);
    if (reply === null) return undefined;
    const [accepted, stopMs] = asList(reply).map(asNumber);
    return { outcome: accepted === 1 ? ('accepted' as const) : ('closed' as const), stopMs: asNumber(stopMs) };
  }

  async redrive(executionArn: string, clientToken: string, stopMs: number | undefined, change: RedriveChange = {}) {
    const id = executionId(executionArn);
    const shard = this.#shard(id);
    const [kept, state] = asList(await call(this.#redis, 'HMGET', [shard.execution(id), 'r', 's']));
    if (!Buffer.isBuffer(kept)) return undefined;
    const record = decodeKeptRecord(id, kept, '');
    const indexes = listsOf(record).flatMap((list) =>
      (['RUNNING', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const).map((status) => shard.index(list, status)),
    );
    const errors = Buffer.isBuffer(state) ? errorKeysOf(shard, record, decodeState(state, null)) : [];
    const reply = await this.#run(
      'redrive',
      [shard.execution(id), shard.inbox, ...errors, ...indexes],
      [
        id,
        clientToken,
        stopMs ?? '',
        REDRIVE_TOKENS,
        REDRIVE_TOKEN_MS,
        errors.length,
        ...encodeRedrive(record, change),
      ],
    );
    if (reply === null) return undefined;
    return reply === 0 ? ('refused' as const) : { redriveMs: asNumber(reply) };
  }

  async redrives(executionArn: string): Promise<readonly RedriveNote[]> {
    const id = executionId(executionArn);
    return decodeRedriveNotes(await call(this.#redis, 'HGET', [this.#shard(id).execution(id), 'n']));
  }

  async frames(executionArn: string): Promise<ReadonlyMap<FrameId, Frame>> {
    const id = executionId(executionArn);
    const { frames, head } = decodeWork(asList(await call(this.#redis, 'HGETALL', [this.#shard(id).work(id)])));
    return head.state.status === 'RUNNING' ? new Map() : frames;
  }

  async remains(executionArn: string): Promise<ExecutionRemains | undefined> {
    const id = executionId(executionArn);
    const shard = this.#shard(id);
    const [known, frames, events, time] = await Promise.all([
      call(this.#redis, 'EXISTS', [shard.execution(id)]),
      call(this.#redis, 'EXISTS', [shard.work(id)]),
      call(this.#redis, 'LLEN', [shard.history(id)]),
      call(this.#redis, 'TIME', []),
    ]);
    if (known === 0) return undefined;
    return { historyEvents: asNumber(events), frames: frames === 1, nowMs: decodeTime(time) };
  }

  async describe(executionArn: string): Promise<ExecutionDescription | undefined> {
    const id = executionId(executionArn);
    const [record, input, state, output, redrives] = asList(
      await call(this.#redis, 'HMGET', [this.#shard(id).execution(id), 'r', 'i', 's', 'o', 'd']),
    );
    if (!Buffer.isBuffer(record)) return undefined;
    return {
      ...decodeKeptRecord(id, record, unpack(asBuffer(input))),
      ...decodeRedrives(redrives),
      ...(Buffer.isBuffer(state)
        ? decodeState(state, Buffer.isBuffer(output) ? output : null)
        : { status: 'RUNNING' as const }),
    };
  }

  standing(executionArn: string): Promise<ExecutionStanding | undefined> {
    const id = executionId(executionArn);
    return standing(this.#redis, this.#shard(id), id);
  }

  currentStates(executionArn: string, limit: number): Promise<CurrentStates> {
    const id = executionId(executionArn);
    return statesOf(this.#redis, this.#shard(id), id, limit);
  }

  async history(executionArn: string, page: { start: number; limit: number; reverse: boolean }) {
    const id = executionId(executionArn);
    const shard = this.#shard(id);
    const reply = await this.#run(
      'history',
      [shard.history(id), shard.execution(id)],
      [page.start, page.limit, page.reverse ? 1 : 0],
    );
    if (reply === null) return undefined;
    const [events, total, referred] = asList(reply);
    const texts = unpackEvents(asList(events).map(asBuffer), Buffer.isBuffer(referred) ? referred : undefined);
    return { events: page.reverse ? texts.reverse() : texts, total: asNumber(total) };
  }

  list: ExecutionStore['list'] = (filter, page) => list(this.#redis, this.#keys, filter, page);

  countOpen(stateMachineArn: string): Promise<number> {
    return countOpen(this.#redis, this.#keys, stateMachineArn);
  }

  async reserveTask(id: TaskId, workerName?: string, permitOf = ''): Promise<PendingTask | undefined> {
    const shard = this.#shard(id.executionId);
    const args = [id.visit, workerText(workerName), permitOf];
    const body = await this.#run('reserveTask', [shard.work(id.executionId)], args);
    return body === null ? undefined : decodeTask(id.executionId, id.visit, asBuffer(body));
  }

  async startTask(id: TaskId, workerName?: string): Promise<boolean> {
    const shard = this.#shard(id.executionId);
    const stimulus = encodeArrival({
      type: 'TaskStarted',
      visit: id.visit,
      ...(workerName !== undefined && { workerName }),
    });
    const started = await this.#run(
      'startTask',
      [shard.work(id.executionId), shard.outbox, shard.inbox],
      [id.executionId, id.visit, workerText(workerName), stimulus],
    );
    return started === 1;
  }

  async submitTask(token: TaskToken, { output, childArn = '' }: Submission): Promise<TokenAnswer> {
    const { executionId: id, visit, nonce } = token;
    const shard = this.#shard(id);
    const answer = await this.#run(
      'submit',
      [shard.work(id), shard.timers, shard.outbox, shard.inbox],
      [id, visit, nonce, encodeArrival({ type: 'TaskSubmitted', visit, output }), childArn],
    );
    return answer === null ? this.#answerAbsent(token, '') : (asText(answer) as TokenAnswer);
  }

  async startHeard(executionArn: string): Promise<void> {
    const id = executionId(executionArn);
    const { notices, noticeTexts } = this.#shard(id);
    const notice = startedNotice(id);
    // In this order: see `removeNotices`.
    await Promise.all([call(this.#redis, 'HDEL', [noticeTexts, notice]), call(this.#redis, 'ZREM', [notices, notice])]);
  }

  async submissionOf({ executionId: id, visit }: TaskToken): Promise<'submitted' | 'open' | 'closed'> {
    const fields = [WORK.task(visit), WORK.child(visit)];
    const [task, child] = asList(await call(this.#redis, 'HMGET', [this.#shard(id).work(id), ...fields]));
    if (!task) return 'closed';
    return child ? 'submitted' : 'open';
  }

  async settleTask(
    token: TaskToken,
    result: TaskResult,
    requestId: RequestId,
    order: 'submitted' | 'at once' = 'at once',
  ): Promise<TokenAnswer> {
    const { executionId: id, visit, nonce } = token;
    const shard = this.#shard(id);
    const stimulus = encodeArrival({ type: 'TaskSettled', visit, result });
    const answer = await this.#run(
      'settle',
      [shard.work(id), shard.timers, shard.outbox, shard.inbox, shard.claims],
      [id, visit, nonce, stimulus, requestId, order === 'submitted' ? 1 : ''],
    );
    if (answer === null) return this.#answerAbsent(token, requestId);
    const [outcome, permitOf] = asText(answer).split(' ');
    if (permitOf !== undefined) this.#permits.free(permitOf, token);
    return outcome as TokenAnswer;
  }

  async heartbeatTask(token: TaskToken): Promise<TokenAnswer> {
    const { executionId: id, visit, nonce } = token;
    const shard = this.#shard(id);
    const answer = await this.#run('heartbeat', [shard.work(id), shard.timers], [id, visit, nonce]);
    return answer === null ? this.#answerAbsent(token, '') : (asText(answer) as TokenAnswer);
  }

  /** What to say of a token whose task is not there. Asked apart: the usual way needs none of these keys. */
  async #answerAbsent({ executionId: id, visit }: TaskToken, requestId: RequestId): Promise<TokenAnswer> {
    const shard = this.#shard(id);
    const keys = [shard.execution(id), shard.work(id), shard.claims, shard.oldClaims];
    return asText(await this.#run('absentTask', keys, [visit, requestId])) as TokenAnswer;
  }

  #shard(id: ExecutionId): ShardKeys {
    return keysOf(this.#keys, id);
  }

  #run(name: keyof typeof scripts, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    return run(this.#redis, scripts[name], keys, args);
  }
}

const workerText = (workerName: string | undefined): string =>
  workerName === undefined ? '' : JSON.stringify(workerName);
