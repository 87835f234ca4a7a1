import type { SearchAttributes } from '../search.ts';
import {
  type ActivityChange,
  type ActivityRecord,
  ENGINE_LEVEL,
  type Registry,
  type StateMachineRecord,
  type Tag,
} from '../store.ts';
import type { StoreClock } from './clock.ts';
import type { MemoryPermits } from './permits.ts';
import type { MemoryPolls } from './polls.ts';
import { type KeptVersions, noVersions } from './versions.ts';

type MachineChange = Parameters<Registry['updateMachine']>[1];

/** A resource: its record as a JSON text, its tags as another. */
interface Kept {
  record: string;
  tags: string;
}

interface KeptMachine extends Kept {
  revisionId: string;
  searchAttributes: SearchAttributes | undefined;
  readonly versions: KeptVersions;
}

export class MemoryRegistry implements Registry {
  readonly #clock: StoreClock;
  /** By ARN. */
  readonly machines = new Map<string, KeptMachine>();
  readonly #activities = new Map<string, Kept>();
  readonly #revisions = new Map<string, string>();

  readonly #permits: Pick<MemoryPermits, 'change'>;
  readonly #polls: Pick<MemoryPolls, 'forget'>;

  constructor(clock: StoreClock, permits: Pick<MemoryPermits, 'change'>, polls: Pick<MemoryPolls, 'forget'>) {
    this.#clock = clock;
    this.#permits = permits;
    this.#polls = polls;
  }

  /** All who share it are of this process. */
  async oldestEngine(): Promise<number> {
    return ENGINE_LEVEL;
  }

  async createMachine(machine: Omit<StateMachineRecord, 'creationMs' | 'updateMs'>, tags: readonly Tag[] = []) {
    const { stateMachineArn, revisionId } = machine;
    const taken = this.machines.get(stateMachineArn);
    if (taken) return { created: false, machine: readMachine(taken.record) };
    const now = this.#clock.now();
    const record = this.#revise({ ...machine, creationMs: now, updateMs: now });
    const beside = { tags: JSON.stringify(tags), searchAttributes: undefined, versions: noVersions() };
    this.machines.set(stateMachineArn, { record, revisionId, ...beside });
    return { created: true, machine: readMachine(record) };
  }

  async updateMachine(stateMachineArn: string, change: MachineChange): Promise<StateMachineRecord | undefined> {
    const kept = this.machines.get(stateMachineArn);
    if (!kept) return undefined;
    kept.record = this.#revise({ ...readMachine(kept.record), ...change, updateMs: this.#clock.now() });
    kept.revisionId = change.revisionId;
    return readMachine(kept.record);
  }

  async machine(stateMachineArn: string): Promise<StateMachineRecord | undefined> {
    const kept = this.machines.get(stateMachineArn);
    if (!kept) return undefined;
    const { record, searchAttributes } = kept;
    return { ...readMachine(record), ...(searchAttributes && { searchAttributes }) };
  }

  async searchAttributes(stateMachineArn: string): Promise<SearchAttributes | undefined> {
    return this.machines.get(stateMachineArn)?.searchAttributes;
  }

  async setSearchAttributes(stateMachineArn: string, paths: SearchAttributes): Promise<boolean> {
    const kept = this.machines.get(stateMachineArn);
    if (!kept) return false;
    kept.searchAttributes = Object.keys(paths).length === 0 ? undefined : { ...paths };
    return true;
  }

  async revision(revisionId: string): Promise<StateMachineRecord | undefined> {
    const text = this.#revisions.get(revisionId);
    return text === undefined ? undefined : readMachine(text);
  }

  async listMachines(page: { limit: number; after?: string }) {
    const all = [...this.machines.values()].map(({ record }) => readMachine(record));
    const { rows, more } = pageOf(all, page);
    const machines = rows.map(({ stateMachineArn, name, type, creationMs }) => ({
      stateMachineArn,
      name,
      type,
      creationMs,
    }));
    return { machines, more };
  }

  async deleteMachine(stateMachineArn: string): Promise<void> {
    this.machines.delete(stateMachineArn);
  }

  async createActivity({ activityArn, name }: Omit<ActivityRecord, 'creationMs'>, tags: readonly Tag[] = []) {
    const taken = this.#activities.get(activityArn);
    if (taken) return { created: false, activity: readActivity(taken.record) };
    const activity = { activityArn, name, creationMs: this.#clock.now() };
    this.#activities.set(activityArn, { record: JSON.stringify(activity), tags: JSON.stringify(tags) });
    return { created: true, activity };
  }

  async activity(activityArn: string): Promise<ActivityRecord | undefined> {
    const kept = this.#activities.get(activityArn);
    return kept && readActivity(kept.record);
  }

  async changeActivity(activityArn: string, change: ActivityChange): Promise<ActivityRecord | undefined> {
    const kept = this.#activities.get(activityArn);
    if (!kept) return undefined;
    const { limits: oldLimits = {}, paused: wasPaused = false, ...record } = readActivity(kept.record);
    const { limits = oldLimits, paused = wasPaused } = change;
    const hasLimits = Object.keys(limits).length > 0;
    const settings = { ...(hasLimits && { limits }), ...(paused && { paused: true as const }) };
    kept.record = JSON.stringify({ ...record, ...settings });
    this.#permits.change(activityArn, hasLimits || paused ? settings : undefined);
    return readActivity(kept.record);
  }

  async listActivities(page: { limit: number; after?: string }) {
    const all = [...this.#activities.values()].map(({ record }) => {
      const { activityArn, name, creationMs } = readActivity(record);
      return { activityArn, name, creationMs };
    });
    const { rows, more } = pageOf(all, page);
    return { activities: rows, more };
  }

  async deleteActivity(activityArn: string): Promise<void> {
    if (!this.#activities.delete(activityArn)) return;
    this.#permits.change(activityArn, undefined);
    this.#polls.forget(activityArn);
  }

  async tags(resourceArn: string): Promise<readonly Tag[] | undefined> {
    const kept = this.#resource(resourceArn);
    return kept && readTags(kept.tags);
  }

  async changeTags(resourceArn: string, change: (tags: readonly Tag[]) => readonly Tag[]) {
    const kept = this.#resource(resourceArn);
    if (!kept) return undefined;
    kept.tags = JSON.stringify(change(readTags(kept.tags)));
    return readTags(kept.tags);
  }

  #resource(arn: string): Kept | undefined {
    return this.machines.get(arn) ?? this.#activities.get(arn);
  }

  #revise(machine: StateMachineRecord): string {
    const text = JSON.stringify(machine);
    this.#revisions.set(machine.revisionId, text);
    return text;
  }
}

const readMachine = (text: string): StateMachineRecord => JSON.parse(text) as StateMachineRecord;
const readActivity = (text: string): ActivityRecord => JSON.parse(text) as ActivityRecord;
const readTags = (text: string): readonly Tag[] => JSON.parse(text) as Tag[];

/** Names in the order of their UTF-8 bytes, as Redis sorts them. */
function pageOf<Row extends { name: string }>(all: Row[], { limit, after }: { limit: number; after?: string }) {
  const from = after === undefined ? all : all.filter(({ name }) => compare(name, after) > 0);
  const rows = from.sort((a, b) => compare(a.name, b.name));
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
