import type {
  ActivityRecord,
  ExecutionDescription,
  ExecutionStore,
  Registry,
  StateMachineRecord,
  TokenAnswer,
} from '../../../engine/store/store.ts';
import type { ExecutionState } from '../../../schemas/execution.ts';
import type { PendingTask, TaskResult } from '../../../schemas/task.ts';

/**
 * What the API sees of a store, with nothing behind it: no engine runs, so a test says what becomes of an execution.
 * It answers as the port promises and notes what it was told.
 */
export class FakeStore {
  readonly machines = new Map<string, StateMachineRecord>();
  readonly revisions = new Map<string, StateMachineRecord>();
  readonly activities = new Map<string, ActivityRecord>();
  readonly records = new Map<string, ExecutionDescription>();
  readonly events = new Map<string, string[]>();
  /** Tasks that may be reserved, by visit. */
  readonly tasks = new Map<number, PendingTask>();
  /** What `settleTask` and `heartbeatTask` answer. */
  answer: TokenAnswer = 'accepted';
  /** What happened, in order. */
  readonly log: string[] = [];
  readonly settled: { result: TaskResult; requestId: string }[] = [];
  /** Thrown by every call when set. */
  fault: Error | undefined;
  #clock = 1_700_000_000_000;

  now(): number {
    this.#clock += 1;
    return this.#clock;
  }

  /** Ends an execution. */
  end(executionArn: string, state: ExecutionState): void {
    const { status: _, ...record } = this.#record(executionArn);
    this.records.set(executionArn, { ...record, ...state });
  }

  #record(executionArn: string): ExecutionDescription {
    const record = this.records.get(executionArn);
    if (!record) throw new Error(`no execution ${executionArn}`);
    return record;
  }

  #check(): void {
    if (this.fault) throw this.fault;
  }

  readonly registry: Registry = {
    createMachine: async (machine) => {
      this.#check();
      const known = this.machines.get(machine.stateMachineArn);
      if (known) return { created: false, machine: known };
      const now = this.now();
      return { created: true, machine: this.#keep({ ...machine, creationMs: now, updateMs: now }) };
    },
    updateMachine: async (stateMachineArn, change) => {
      const known = this.machines.get(stateMachineArn);
      return known && this.#keep({ ...known, ...change, updateMs: this.now() });
    },
    machine: async (stateMachineArn) => {
      this.#check();
      return this.machines.get(stateMachineArn);
    },
    revision: async (revisionId) => this.revisions.get(revisionId),
    listMachines: async ({ limit, after }) => {
      this.#check();
      const { rows, more } = pageOf([...this.machines.values()], limit, after);
      return { machines: rows, more };
    },
    deleteMachine: async (stateMachineArn) => {
      this.machines.delete(stateMachineArn);
    },
    createActivity: async (activity) => {
      const known = this.activities.get(activity.activityArn);
      if (known) return { created: false, activity: known };
      const record = { ...activity, creationMs: this.now() };
      this.activities.set(activity.activityArn, record);
      return { created: true, activity: record };
    },
    activity: async (activityArn) => this.activities.get(activityArn),
    listActivities: async ({ limit, after }) => {
      const { rows, more } = pageOf([...this.activities.values()], limit, after);
      return { activities: rows, more };
    },
    deleteActivity: async (activityArn) => {
      this.activities.delete(activityArn);
    },
  };

  #keep(machine: StateMachineRecord): StateMachineRecord {
    this.machines.set(machine.stateMachineArn, machine);
    this.revisions.set(machine.revisionId, machine);
    return machine;
  }

  readonly executions: ExecutionStore = {
    start: async (record) => {
      this.#check();
      const known = this.records.get(record.executionArn);
      const same = known?.status === 'RUNNING' && known.input === record.input;
      if (known) return { outcome: same ? 'same' : 'exists', startMs: known.startMs };
      const startMs = this.now();
      this.records.set(record.executionArn, { ...record, startMs, status: 'RUNNING' });
      return { outcome: 'started', startMs };
    },
    stop: async (executionArn, reason) => {
      const known = this.records.get(executionArn);
      if (!known) return undefined;
      if (known.status !== 'RUNNING') return { outcome: 'closed', stopMs: known.stopMs };
      const stopMs = this.now();
      this.end(executionArn, { status: 'ABORTED', stopMs, ...reason });
      return { outcome: 'accepted', stopMs };
    },
    describe: async (executionArn) => this.records.get(executionArn),
    history: async (executionArn, { start, limit, reverse }) => {
      const events = this.events.get(executionArn);
      const ordered = reverse ? events?.toReversed() : events;
      this.log.push(`history ${start}+${limit}`);
      return ordered && { events: ordered.slice(start, start + limit), total: ordered.length };
    },
    list: async ({ stateMachineArn, status }, { limit, cursor }) => {
      const rows = [...this.records.values()]
        .filter((row) => row.stateMachineArn === stateMachineArn && (status === undefined || row.status === status))
        .sort((left, right) => right.startMs - left.startMs);
      const start = cursor === undefined ? 0 : Number(cursor);
      const next = start + limit;
      return { executions: rows.slice(start, next), ...(next < rows.length && { cursor: String(next) }) };
    },
    countOpen: async () => 0,
    reserveTask: async ({ visit }, workerName) => {
      this.log.push(`reserve ${visit}${workerName === undefined ? '' : ` for ${workerName}`}`);
      this.#check();
      return this.tasks.get(visit);
    },
    startTask: async ({ visit }, workerName) => {
      this.log.push(`start ${visit}${workerName === undefined ? '' : ` by ${workerName}`}`);
      return true;
    },
    settleTask: async (_token, result, requestId) => {
      this.settled.push({ result, requestId });
      return this.answer;
    },
    heartbeatTask: async () => this.answer,
  };
}

function pageOf<R extends { readonly name: string }>(rows: readonly R[], limit: number, after: string | undefined) {
  const sorted = rows.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const rest = sorted.filter(({ name }) => after === undefined || name > after);
  return { rows: rest.slice(0, limit), more: rest.length > limit };
}
