import type { ActivityRecord, Registry, StateMachineRecord } from '../store.ts';
import type { StoreClock } from './clock.ts';

type MachineChange = Parameters<Registry['updateMachine']>[1];

export class MemoryRegistry implements Registry {
  readonly #clock: StoreClock;
  /** Records as JSON texts, by ARN or revision. */
  readonly #machines = new Map<string, string>();
  readonly #revisions = new Map<string, string>();
  readonly #activities = new Map<string, string>();

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async createMachine(machine: Omit<StateMachineRecord, 'creationMs' | 'updateMs'>) {
    const taken = this.#machines.get(machine.stateMachineArn);
    if (taken !== undefined) return { created: false, machine: readMachine(taken) };
    const now = this.#clock.now();
    return { created: true, machine: this.#keep({ ...machine, creationMs: now, updateMs: now }) };
  }

  async updateMachine(stateMachineArn: string, change: MachineChange): Promise<StateMachineRecord | undefined> {
    const current = this.#machines.get(stateMachineArn);
    if (current === undefined) return undefined;
    return this.#keep({ ...readMachine(current), ...change, updateMs: this.#clock.now() });
  }

  async machine(stateMachineArn: string): Promise<StateMachineRecord | undefined> {
    const text = this.#machines.get(stateMachineArn);
    return text === undefined ? undefined : readMachine(text);
  }

  async revision(revisionId: string): Promise<StateMachineRecord | undefined> {
    const text = this.#revisions.get(revisionId);
    return text === undefined ? undefined : readMachine(text);
  }

  async listMachines(page: { limit: number; after?: string }) {
    const { rows, more } = pageOf([...this.#machines.values()].map(readMachine), page);
    const machines = rows.map(({ stateMachineArn, name, type, creationMs }) => ({
      stateMachineArn,
      name,
      type,
      creationMs,
    }));
    return { machines, more };
  }

  async deleteMachine(stateMachineArn: string): Promise<void> {
    this.#machines.delete(stateMachineArn);
  }

  async createActivity({ activityArn, name }: Omit<ActivityRecord, 'creationMs'>) {
    const taken = this.#activities.get(activityArn);
    if (taken !== undefined) return { created: false, activity: readActivity(taken) };
    const activity = { activityArn, name, creationMs: this.#clock.now() };
    this.#activities.set(activityArn, JSON.stringify(activity));
    return { created: true, activity };
  }

  async activity(activityArn: string): Promise<ActivityRecord | undefined> {
    const text = this.#activities.get(activityArn);
    return text === undefined ? undefined : readActivity(text);
  }

  async listActivities(page: { limit: number; after?: string }) {
    const { rows, more } = pageOf([...this.#activities.values()].map(readActivity), page);
    return { activities: rows, more };
  }

  async deleteActivity(activityArn: string): Promise<void> {
    this.#activities.delete(activityArn);
  }

  #keep(machine: StateMachineRecord): StateMachineRecord {
    const text = JSON.stringify(machine);
    this.#machines.set(machine.stateMachineArn, text);
    this.#revisions.set(machine.revisionId, text);
    return readMachine(text);
  }
}

const readMachine = (text: string): StateMachineRecord => JSON.parse(text) as StateMachineRecord;
const readActivity = (text: string): ActivityRecord => JSON.parse(text) as ActivityRecord;

/** Names in the order of their UTF-8 bytes, as Redis sorts them. */
function pageOf<Row extends { name: string }>(all: Row[], { limit, after }: { limit: number; after?: string }) {
  const from = after === undefined ? all : all.filter(({ name }) => compare(name, after) > 0);
  const rows = from.sort((a, b) => compare(a.name, b.name));
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
