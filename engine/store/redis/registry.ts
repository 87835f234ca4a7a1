import type { Redis } from 'ioredis';
import { type ActivitySettings, needsPermits } from '../../../schemas/activity.ts';
import type { SearchAttributes } from '../search.ts';
import {
  type ActivityChange,
  type ActivityRecord,
  ENGINE_LEVEL,
  type Registry,
  type StateMachineRecord,
  type Tag,
} from '../store.ts';
import { decodeTime, pack, unpack } from './codec.ts';
import { parseEngineMember } from './engine-member.ts';
import type { RegistryKeys } from './keys.ts';
import { oneWord } from './one-word.ts';
import { asBuffer, asList, asNumber, asText, call, type Reply, run, scripts } from './scripts.ts';

type MachineChange = Parameters<Registry['updateMachine']>[1];

export class RedisRegistry implements Registry {
  readonly #redis: Redis;
  readonly #keys: RegistryKeys;

  constructor(redis: Redis, keys: RegistryKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async oldestEngine(): Promise<number> {
    const [time, members] = await Promise.all([
      call(this.#redis, 'TIME', []),
      call(this.#redis, 'ZRANGE', [this.#keys.engines, 0, -1, 'WITHSCORES']),
    ]);
    const nowMs = decodeTime(time);
    const announced = asList(members).map(asText);
    const levels = announced.flatMap((member, at) =>
      at % 2 === 0 && Number(announced[at + 1]) > nowMs ? [parseEngineMember(member).level] : [],
    );
    return Math.min(ENGINE_LEVEL, ...levels);
  }

  async createMachine(machine: Omit<StateMachineRecord, 'creationMs' | 'updateMs'>, tags: readonly Tag[] = []) {
    const { stateMachineArn: arn, name, type, revisionId } = machine;
    const { machines } = this.#keys;
    const keys = [this.#keys.machine(arn), machines, this.#keys.revision(revisionId), this.#keys.tags(arn)];
    const reply = await run(this.#redis, scripts.createMachine, keys, [
      oneWord(revisionId),
      pack(JSON.stringify(machine)),
      name,
      arn,
      type,
      encodeTags(tags),
    ]);
    const [created, kept] = asList(reply);
    return { created: created === 1, machine: decodeMachine(asBuffer(kept)) };
  }

  async updateMachine(stateMachineArn: string, change: MachineChange): Promise<StateMachineRecord | undefined> {
    const current = await this.machine(stateMachineArn);
    if (!current) return undefined;
    const { creationMs: _creation, updateMs: _update, searchAttributes: _apart, ...kept } = current;
    const reply = await run(
      this.#redis,
      scripts.updateMachine,
      [this.#keys.machine(stateMachineArn), this.#keys.revision(change.revisionId)],
      [oneWord(current.revisionId), oneWord(change.revisionId), pack(JSON.stringify({ ...kept, ...change }))],
    );
    if (reply === null) return undefined;
    // Somebody else's change came between: make ours on top of it.
    return Buffer.isBuffer(reply) ? decodeMachine(reply) : this.updateMachine(stateMachineArn, change);
  }

  async machine(stateMachineArn: string): Promise<StateMachineRecord | undefined> {
    const keys = [this.#keys.machine(stateMachineArn), this.#keys.searchAttributes(stateMachineArn)];
    const [kept, paths] = asList(await call(this.#redis, 'MGET', keys));
    if (!Buffer.isBuffer(kept)) return undefined;
    const searchAttributes = decodeSearchAttributes(paths);
    return { ...decodeMachine(kept), ...(searchAttributes && { searchAttributes }) };
  }

  async revision(revisionId: string): Promise<StateMachineRecord | undefined> {
    const kept = await call(this.#redis, 'GET', [this.#keys.revision(revisionId)]);
    return kept === null ? undefined : decodeMachine(asBuffer(kept));
  }

  async searchAttributes(stateMachineArn: string): Promise<SearchAttributes | undefined> {
    return decodeSearchAttributes(await call(this.#redis, 'GET', [this.#keys.searchAttributes(stateMachineArn)]));
  }

  async setSearchAttributes(stateMachineArn: string, paths: SearchAttributes): Promise<boolean> {
    const keys = [this.#keys.machine(stateMachineArn), this.#keys.searchAttributes(stateMachineArn)];
    const kept = Object.keys(paths).length === 0 ? '' : JSON.stringify(paths);
    return (await run(this.#redis, scripts.setSearchAttributes, keys, [kept])) === 1;
  }

  async listMachines(page: { limit: number; after?: string }) {
    const { rows, more } = await this.#page(this.#keys.machines, page);
    const machines = rows.map(([name = '', stateMachineArn = '', creationMs, type]) => ({
      stateMachineArn,
      name,
      type: type as StateMachineRecord['type'],
      creationMs: Number(creationMs),
    }));
    return { machines, more };
  }

  async deleteMachine(stateMachineArn: string): Promise<void> {
    const machine = await this.machine(stateMachineArn);
    if (!machine) return;
    const { name, creationMs, type } = machine;
    await run(
      this.#redis,
      scripts.remove,
      [
        this.#keys.machine(stateMachineArn),
        this.#keys.machines,
        this.#keys.versions(stateMachineArn),
        this.#keys.aliases(stateMachineArn),
        this.#keys.tags(stateMachineArn),
        this.#keys.searchAttributes(stateMachineArn),
      ],
      [[name, stateMachineArn, creationMs, type].join('\0')],
    );
  }

  async createActivity({ activityArn, name }: Omit<ActivityRecord, 'creationMs'>, tags: readonly Tag[] = []) {
    const keys = [this.#keys.activity(activityArn), this.#keys.activities, this.#keys.tags(activityArn)];
    const reply = await run(this.#redis, scripts.createActivity, keys, [name, activityArn, encodeTags(tags)]);
    const [created, creationMs] = asList(reply).map(asNumber);
    return { created: created === 1, activity: { activityArn, name, creationMs: creationMs ?? 0 } };
  }

  async activity(activityArn: string): Promise<ActivityRecord | undefined> {
    const kept = await call(this.#redis, 'GET', [this.#keys.activity(activityArn)]);
    if (kept === null) return undefined;
    return decodeActivity(activityArn, asText(kept));
  }

  async changeActivity(activityArn: string, { limits, paused }: ActivityChange): Promise<ActivityRecord | undefined> {
    const { activity, activitySettings, permits, bound, holders, freed } = this.#keys;
    const kept = await run(
      this.#redis,
      scripts.updateActivity,
      [activity(activityArn), activitySettings, permits(activityArn), bound(activityArn), holders(activityArn)],
      [
        activityArn,
        encodeLimits(limits),
        paused === undefined ? '' : encodePaused(paused),
        limits && needsPermits({ limits }) ? 1 : '',
        freed,
      ],
    );
    return kept === null ? undefined : decodeActivity(activityArn, asText(kept));
  }

  async listActivities(page: { limit: number; after?: string }) {
    const { rows, more } = await this.#page(this.#keys.activities, page);
    const activities = rows.map(([name = '', activityArn = '', creationMs]) => ({
      activityArn,
      name,
      creationMs: Number(creationMs),
    }));
    return { activities, more };
  }

  async deleteActivity(activityArn: string): Promise<void> {
    const activity = await this.activity(activityArn);
    if (!activity) return;
    await run(
      this.#redis,
      scripts.deleteActivity,
      [
        this.#keys.activity(activityArn),
        this.#keys.activities,
        this.#keys.activitySettings,
        this.#keys.handOuts,
        this.#keys.tags(activityArn),
        this.#keys.permits(activityArn),
        this.#keys.bound(activityArn),
        this.#keys.holders(activityArn),
      ],
      [[activity.name, activityArn, activity.creationMs].join('\0'), activityArn],
    );
  }

  async tags(resourceArn: string): Promise<readonly Tag[] | undefined> {
    const { machine, activity, tags } = this.#keys;
    const [isThere, kept] = await Promise.all([
      call(this.#redis, 'EXISTS', [machine(resourceArn), activity(resourceArn)]),
      call(this.#redis, 'GET', [tags(resourceArn)]),
    ]);
    return isThere === 1 ? decodeTags(kept) : undefined;
  }

  async changeTags(resourceArn: string, change: (tags: readonly Tag[]) => readonly Tag[]) {
    const { machine, activity, tags } = this.#keys;
    for (;;) {
      const before = await this.tags(resourceArn);
      if (!before) return undefined;
      const after = change(before);
      const keys = [tags(resourceArn), machine(resourceArn), activity(resourceArn)];
      const reply = await run(this.#redis, scripts.changeTags, keys, [encodeTags(before), encodeTags(after)]);
      if (reply === null) return undefined;
      if (reply === 1) return after;
    }
  }

  /** One page of a set whose members are `<name>\0<further columns>`. */
  async #page(key: string, { limit, after }: { limit: number; after?: string }) {
    // Members of a name begin with it and a 0 byte: \1 is past them all.
    const from = after === undefined ? '-' : `(${after}\u0001`;
    const reply = asList(await call(this.#redis, 'ZRANGEBYLEX', [key, from, '+', 'LIMIT', 0, limit + 1]));
    const rows = reply.slice(0, limit).map((member) => asText(member).split('\0'));
    return { rows, more: reply.length > limit };
  }
}

const encodeTags = (tags: readonly Tag[]): string => (tags.length === 0 ? '' : JSON.stringify(tags));
const decodeTags = (kept: Reply): Tag[] => (kept === null ? [] : (JSON.parse(asText(kept)) as Tag[]));

const decodeSearchAttributes = (kept: Reply | undefined): SearchAttributes | undefined =>
  Buffer.isBuffer(kept) ? (JSON.parse(kept.toString()) as SearchAttributes) : undefined;

/** Reads `<creationMs> <updateMs> <revisionId> <body>`. */
function decodeMachine(kept: Buffer): StateMachineRecord {
  const body = kept.indexOf(' ', kept.indexOf(' ', kept.indexOf(' ') + 1) + 1) + 1;
  const [creationMs, updateMs] = kept.toString('latin1', 0, body).split(' ');
  const machine = JSON.parse(unpack(kept.subarray(body)));
  return { ...machine, creationMs: Number(creationMs), updateMs: Number(updateMs) } as StateMachineRecord;
}

function encodeLimits(limits: ActivityChange['limits']): string {
  if (limits === undefined) return '';
  return Object.keys(limits).length === 0 ? '-' : JSON.stringify(limits);
}
const encodePaused = (paused: boolean): string => (paused ? 'p' : '-');

/** Reads `<creationMs> <name>`, with settings also `\0<p when paused>\0<limits>`. */
function decodeActivity(activityArn: string, kept: string): ActivityRecord {
  const end = kept.indexOf('\0');
  const [creationMs, name] = splitOnce(end < 0 ? kept : kept.slice(0, end));
  return { activityArn, name, creationMs: Number(creationMs), ...(end >= 0 && decodeSettings(kept.slice(end + 1))) };
}

/** Reads `<p when paused>\0<limits>`. */
export function decodeSettings(kept: string): ActivitySettings {
  const limits = kept.slice(kept.indexOf('\0') + 1);
  return { ...(limits !== '' && { limits: JSON.parse(limits) }), ...(kept.startsWith('p') && { paused: true }) };
}

function splitOnce(text: string): [string, string] {
  const space = text.indexOf(' ');
  return [text.slice(0, space), text.slice(space + 1)];
}
