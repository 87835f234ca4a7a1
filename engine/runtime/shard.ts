import { DefinitionError } from '../../schemas/problem.ts';
import type { ExecutionId } from '../../schemas/task.ts';
import type { Step } from '../interpreter/draft.ts';
import type { Execution, Frame, FrameId, Head } from '../interpreter/execution.ts';
import { failExecution } from '../interpreter/fail.ts';
import { applyFrames } from '../interpreter/frame-index.ts';
import { interpret } from '../interpreter/interpret.ts';
import type { Machine } from '../interpreter/machine.ts';
import type { Batch, InboxEntry, Lease } from '../store/store.ts';
import { BatchTelemetry } from './batch-telemetry.ts';
import { BatchWriter, earliestTimer, tasksOf } from './batch-writer.ts';
import { pause } from './clock.ts';
import { Courier } from './courier.ts';
import { logFailures } from './failure-log.ts';
import { PendingEntries } from './pending-entries.ts';
import type { ShardPorts } from './shard-ports.ts';
import { StatesOfFrames } from './states-of-frames.ts';
import { Timekeeper } from './timekeeper.ts';

/** Entries that one commit takes at most: bounds its time in Redis. */
const BATCH_ENTRIES = 256;
/** Changes after which it takes no more of them: one entry may start, stop or redrive thousands of executions. */
const BATCH_CHANGES = 20_000;
/** Executions kept in memory per shard; others are read again when something happens to them. */
const CACHED_EXECUTIONS = 2000;
const RETRY_MS = 500;

/** An execution in memory: its frames change in place as steps are applied. */
interface Cached extends Execution {
  head: Head;
  readonly frames: Map<FrameId, Frame>;
  readonly states: StatesOfFrames;
}

/**
 * One owned shard: takes what arrives in batches, interprets, commits, dispatches. One commit at a time; while it is on its way the next
 * batch gathers. What is in memory is never ahead of what a later commit will write, so losing the lease means forgetting it all.
 */
export class Shard {
  readonly lease: Lease;
  readonly #ports: ShardPorts;
  readonly #timekeeper: Timekeeper;
  readonly #courier: Courier;
  readonly #executions = new Map<ExecutionId, Cached>();
  readonly #pending = new PendingEntries();
  #working: Promise<void> | undefined;
  #cursor = '0';
  #lost = false;

  constructor(lease: Lease, ports: ShardPorts) {
    this.lease = lease;
    this.#ports = ports;
    this.#courier = new Courier(lease, ports);
    this.#timekeeper = new Timekeeper(lease, ports, this.#courier);
  }

  /** Where to go on reading. */
  get cursor(): string {
    return this.#cursor;
  }

  /** Not while enough waits to be done. */
  get isReadable(): boolean {
    return !this.#lost && !this.#pending.isFull;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  /** Begins with what the owner before left: due timers, tasks that may be in no queue, notices. */
  start(): void {
    this.#timekeeper.start();
  }

  accept(entries: readonly InboxEntry[]): void {
    const last = entries.at(-1);
    if (!last || this.#lost) return;
    this.#cursor = last.entryId;
    this.#pending.push(entries);
    this.#working ??= this.#work();
  }

  /** The lease is gone: forget everything and write nothing more. */
  lose(): void {
    this.#lost = true;
    this.#pending.clear();
    this.#executions.clear();
    this.#timekeeper.stop();
    this.#courier.stop();
  }

  /** Finishes the batch at hand and takes no more. */
  async stop(): Promise<void> {
    const working = this.#working;
    this.#pending.clear();
    this.#timekeeper.stop();
    this.#courier.stop();
    await working;
    this.lose();
  }

  async #work(): Promise<void> {
    const { shard, epoch } = this.lease;
    try {
      while (!this.#pending.isEmpty && !this.#lost) await this.#workBatch();
    } catch (error) {
      // What is in memory may be ahead of the store now. The shard is taken anew, from what the store says.
      this.#ports.log.error({ shard, epoch, err: error }, 'a batch could not be committed; taking the shard anew');
      this.lose();
    } finally {
      // In the same turn as the look at what is pending: what arrives from here on begins anew.
      this.#working = undefined;
    }
  }

  async #workBatch(): Promise<void> {
    const { shard, epoch } = this.lease;
    const telemetry = BatchTelemetry.begin();
    const begunMs = this.#ports.clock.now();
    const batch = await this.#interpretAll(this.#pending.first(BATCH_ENTRIES), telemetry);
    const entries = this.#pending.take(batch.consumed.length);
    if (this.#lost) return;
    const interpretedMs = this.#ports.clock.now();
    const outcome = await this.#ports.store.commit(this.lease, batch);
    if (outcome === 'lost') {
      this.#ports.log.warn({ shard, epoch }, 'lost the shard to another engine');
      return this.lose();
    }
    this.#dispatch(batch);
    this.#tell(batch, telemetry, begunMs, interpretedMs);
    if (outcome === 'noticed') void this.#courier.send();
    const due = earliestTimer(batch);
    const now = entries.at(-1)?.stimulus.at;
    if (due !== undefined && now !== undefined) this.#timekeeper.expect(due - now);
  }

  #tell(batch: Batch, telemetry: BatchTelemetry | undefined, begunMs: number, interpretedMs: number): void {
    const { log, clock } = this.#ports;
    logFailures(log, batch);
    telemetry?.tell({
      shard: this.lease.shard,
      entries: batch.consumed.length,
      executions: batch.writes.length,
      interpretMs: interpretedMs - begunMs,
      commitMs: clock.now() - interpretedMs,
    });
  }

  /** Interprets as many entries as make one batch, from the first on. */
  async #interpretAll(entries: readonly InboxEntry[], telemetry: BatchTelemetry | undefined): Promise<Batch> {
    await this.#load(entries);
    const { announcer } = this.#ports;
    const writer = new BatchWriter();
    for (const entry of entries) {
      if (writer.changes > BATCH_CHANGES) break;
      writer.consume(entry.entryId);
      const execution = this.#find(entry);
      if (!execution) continue;
      const step = await this.#interpret(execution, entry);
      execution.states.apply(execution.frames, step.frames);
      const announced = announcer.announcements(execution.record, execution.head, step.head);
      writer.add(execution, step, execution.states, announced);
      telemetry?.note(execution, entry.stimulus, step);
      applyFrames(execution.frames, step.frames);
      const closes = execution.head.state !== step.head.state && step.head.state.status !== 'RUNNING';
      execution.head = step.head;
      // One that was closed before, and is not opened again yet, stays: its redrive is on the way.
      if (closes) this.#executions.delete(entry.executionId);
    }
    this.#forgetOldest();
    return writer.toBatch();
  }

  async #interpret(execution: Execution, { stimulus }: InboxEntry): Promise<Step> {
    const { limits, log } = this.#ports;
    try {
      const machine = await this.#machine(execution.record.revisionId);
      return await interpret(machine, execution, stimulus, limits);
    } catch (error) {
      const { executionArn } = execution.record;
      log.error({ executionArn, stimulus: stimulus.type, err: error }, 'an execution cannot go on and fails');
      const reason = error instanceof Error ? error.message : String(error);
      const redriveCount = stimulus.type === 'Redriven' ? stimulus.count : undefined;
      return failExecution(execution, stimulus.at, limits, `The execution cannot go on: ${reason}`, redriveCount);
    }
  }

  /** A store that does not answer is no reason to fail an execution: only a definition that cannot be run is. */
  async #machine(revisionId: string): Promise<Machine> {
    for (;;) {
      try {
        return await this.#ports.machines.get(revisionId);
      } catch (error) {
        if (error instanceof DefinitionError || this.#lost) throw error;
        this.#ports.log.warn(
          { shard: this.lease.shard, revisionId, err: error },
          'a definition cannot be read; trying again',
        );
        await pause(this.#ports.clock, RETRY_MS);
      }
    }
  }

  /** Reads the executions of a batch that are not in memory, all at once. */
  async #load(entries: readonly InboxEntry[]): Promise<void> {
    const missing = new Set<ExecutionId>();
    for (const { executionId, record } of entries) {
      if (!record && !this.#executions.has(executionId)) missing.add(executionId);
    }
    for (const { executionId, record } of entries) if (record) missing.delete(executionId);
    if (missing.size === 0) return;
    const loaded = await this.#ports.store.load(this.lease.shard, [...missing]);
    for (const [id, execution] of loaded) {
      const { frames } = execution;
      this.#executions.set(id, { ...execution, frames: new Map(frames), states: new StatesOfFrames(frames) });
    }
  }

  #find({ executionId, record }: InboxEntry): Cached | undefined {
    const known = this.#executions.get(executionId);
    if (known) {
      // Put behind the others: the first of the map is the one not used for longest.
      this.#executions.delete(executionId);
      this.#executions.set(executionId, known);
      return known;
    }
    if (!record) return undefined;
    const frames = new Map<FrameId, Frame>();
    const head: Head = { state: { status: 'RUNNING' }, events: 0, visits: 0 };
    const begun: Cached = { record, head, frames, states: new StatesOfFrames(frames) };
    this.#executions.set(executionId, begun);
    return begun;
  }

  #forgetOldest(): void {
    for (const id of this.#executions.keys()) {
      if (this.#executions.size <= CACHED_EXECUTIONS) return;
      this.#executions.delete(id);
    }
  }

  /** Not awaited: a task that does not reach its queue now is in the outbox, and the sweep adds it. */
  #dispatch(batch: Batch): void {
    const tasks = tasksOf(batch);
    if (tasks.length === 0) return;
    this.#ports.queue.add(tasks).catch((error: unknown) => {
      this.#ports.log.warn({ shard: this.lease.shard, tasks: tasks.length, err: error }, 'tasks stay in the outbox');
    });
  }
}
