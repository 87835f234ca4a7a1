import type { Redis } from 'ioredis';
import type { ExecutionId, TaskId } from '../../../schemas/task.ts';
import { splitMember, taskMember } from '../member.ts';
import {
  CHECKED_AT_ONCE,
  PERMIT_LEASE_MS,
  type PermitAnswer,
  type PermitAsk,
  type PermitStore,
  RECHECK_MS,
  type SettingsList,
} from '../permit-store.ts';
import { keysOf, type RegistryKeys, type ShardKeys, WORK } from './keys.ts';
import { decodeSettings } from './registry.ts';
import { asList, asNumber, asText, call, run, scripts } from './scripts.ts';

/** How soon tasks in progress are looked at when nobody waits for their permits. */
const QUIET_CHECK_MS = 30_000;
const COUNT = '#';

/** A bound permit that may be free by now. */
interface Due {
  readonly task: string;
  readonly process: string;
  readonly processLives: boolean;
}

export class RedisPermits implements PermitStore {
  readonly #redis: Redis;
  readonly #subscribe: () => Redis;
  readonly #keys: RegistryKeys;
  readonly #shards: readonly ShardKeys[];
  /** When the tasks of an activity were last looked at. */
  readonly #checked = new Map<string, number>();
  #subscriber: Redis | undefined;

  /** @param subscribe opens a connection for nothing but a subscription */
  constructor(redis: Redis, subscribe: () => Redis, keys: RegistryKeys, shards: readonly ShardKeys[]) {
    this.#redis = redis;
    this.#subscribe = subscribe;
    this.#keys = keys;
    this.#shards = shards;
  }

  async exchange(activityArn: string, process: string, ask: PermitAsk): Promise<PermitAnswer | undefined> {
    const { activity, permits, bound, holders, freed } = this.#keys;
    const { sequence, held, want, bind, undo } = ask;
    const reply = await run(
      this.#redis,
      scripts.exchangePermits,
      [activity(activityArn), permits(activityArn), bound(activityArn), holders(activityArn)],
      [
        process,
        sequence,
        held,
        want,
        PERMIT_LEASE_MS,
        freed,
        activityArn,
        bind.length,
        ...bind.map(memberOf),
        ...undo.map(memberOf),
      ],
    );
    if (reply === null) return undefined;
    const [granted, retryMs, allowed] = asList(reply);
    const answer: PermitAnswer = {
      granted: asNumber(granted),
      bound: [...asText(allowed)].map((digit) => digit === '1'),
      retryMs: asNumber(retryMs) < 0 ? undefined : asNumber(retryMs),
    };
    this.#checkSometimes(activityArn, answer.granted < want && answer.retryMs === undefined);
    return answer;
  }

  inProgress(activityArn: string): Promise<number> {
    return this.#check(activityArn, RECHECK_MS);
  }

  /** The task has ended. Not awaited, and if that fails, it is found to have ended later. */
  free(activityArn: string, id: TaskId): void {
    this.#free(activityArn, [memberOf(id), '']).catch(() => undefined);
  }

  async listen(hear: (activityArn: string) => void): Promise<void> {
    this.#subscriber ??= this.#subscribe();
    this.#subscriber.on('message', (_channel: string, activityArn: string) => hear(activityArn));
    await this.#subscriber.subscribe(this.#keys.freed);
  }

  async settings(version: string): Promise<SettingsList | undefined> {
    const key = this.#keys.activitySettings;
    const current = await call(this.#redis, 'HGET', [key, COUNT]);
    if ((current === null ? '' : asText(current)) === version) return undefined;
    const pairs = asList(await call(this.#redis, 'HGETALL', [key])).map(asText);
    const settings = new Map<string, ReturnType<typeof decodeSettings>>();
    let read = '';
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const [field = '', value = ''] = [pairs[at], pairs[at + 1]];
      if (field === COUNT) read = value;
      else settings.set(field, decodeSettings(value));
    }
    return { version: read, settings };
  }

  close(): void {
    this.#subscriber?.disconnect();
  }

  /** While permits are wanted and there are none, tasks that have ended are to be found soon; else some time is enough. */
  #checkSometimes(activityArn: string, wanted: boolean): void {
    const now = performance.now();
    const since = now - (this.#checked.get(activityArn) ?? 0);
    if (since < (wanted ? RECHECK_MS / 2 : QUIET_CHECK_MS)) return;
    this.#checked.set(activityArn, now);
    this.#check(activityArn, wanted ? RECHECK_MS : QUIET_CHECK_MS).catch(() => undefined);
  }

  /** Looks at the tasks that nobody has looked at for so long, and frees the permits of those that have ended. */
  async #check(activityArn: string, sinceMs: number): Promise<number> {
    const { permits, bound, holders } = this.#keys;
    const keys = [permits(activityArn), bound(activityArn), holders(activityArn)];
    const reply = asList(await run(this.#redis, scripts.duePermits, keys, [sinceMs, CHECKED_AT_ONCE]));
    const due: Due[] = [];
    for (let at = 1; at + 2 < reply.length; at += 3) {
      due.push({ task: asText(reply[at]), process: asText(reply[at + 1]), processLives: reply[at + 2] === 1 });
    }
    const over = (await Promise.all(due.map((each) => this.#overdue(each)))).flat();
    const freed = over.length === 0 ? 0 : await this.#free(activityArn, over);
    return asNumber(reply[0]) - freed;
  }

  /** What `free-permits.lua` is to be told of a permit: nothing while it is in use. */
  async #overdue({ task, process, processLives }: Due): Promise<string[]> {
    const { id, visit } = splitMember(task);
    const header = await call(this.#redis, 'HGET', [
      keysOf(this.#shards, id as ExecutionId).work(id),
      WORK.task(visit),
    ]);
    if (header === null) return [task, ''];
    // Not started: its process is about to hand it out, or died before.
    return asText(header).startsWith('s') || processLives ? [] : [task, process];
  }

  async #free(activityArn: string, tasks: readonly string[]): Promise<number> {
    const { bound, holders, freed } = this.#keys;
    const keys = [bound(activityArn), holders(activityArn)];
    return asNumber(await run(this.#redis, scripts.freePermits, keys, [freed, activityArn, ...tasks]));
  }
}

const memberOf = ({ executionId, visit }: TaskId): string => taskMember(executionId, visit);
