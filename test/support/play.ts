import type { Step } from '../../engine/interpreter/draft.ts';
import type { ChildRecord, Effect } from '../../engine/interpreter/effect.ts';
import type { Execution, Frame, FrameId } from '../../engine/interpreter/execution.ts';
import { applyFrames } from '../../engine/interpreter/frame-index.ts';
import { interpret } from '../../engine/interpreter/interpret.ts';
import { AWS_LIMITS, type Limits } from '../../engine/interpreter/limits.ts';
import type { Machine } from '../../engine/interpreter/machine.ts';
import type { RedriveEdits, Stimulus, TimerPurpose } from '../../engine/interpreter/stimulus.ts';
import { queryLanguages } from '../../engine/query/index.ts';
import { compileText } from '../../engine/runtime/compile-text.ts';
import { executionId } from '../../engine/store/execution-id.ts';
import type { HistoryEvent } from '../../schemas/history.ts';
import type { Json } from '../../schemas/json.ts';
import type { MapRunRecord } from '../../schemas/map-run.ts';
import type { ExecutionId } from '../../schemas/task.ts';

export const START_MS = Date.UTC(2026, 0, 1);

/** An execution driven by hand on a virtual clock; what it waits for is kept as data. Every step's state goes through JSON. */
export class Play {
  machine: Machine;
  readonly limits: Limits;
  readonly history: HistoryEvent[] = [];
  readonly tasks = new Map<number, Extract<Effect, { type: 'DispatchTask' }>['task']>();
  readonly timers = new Map<string, number>();
  /** What its Map Runs started, stopped and kept, and how they stand. */
  readonly children: ChildRecord[] = [];
  readonly stopped: string[] = [];
  readonly redriven: Extract<Effect, { type: 'RedriveChild' }>[] = [];
  readonly forgotten: string[] = [];
  readonly kept: Extract<Effect, { type: 'KeepResult' }>[] = [];
  readonly mapRuns = new Map<string, MapRunRecord>();
  /** Visits of Map Runs that have asked to be called again. */
  readonly continues: number[] = [];
  execution: Execution;
  at = START_MS;

  /** @param child what a Map Run of another play has started: this is that execution */
  constructor(definition: object, input: Json = {}, limits: Partial<Limits> = {}, child?: ChildRecord) {
    this.machine = compileText(JSON.stringify(definition), queryLanguages);
    this.limits = { ...AWS_LIMITS, ...limits };
    const record = {
      executionId: 'AAAAAAAAAAAAAAAAAAAAAA' as ExecutionId,
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:shop:order-1',
      name: 'order-1',
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:shop',
      stateMachineName: 'shop',
      roleArn: 'arn:aws:iam::000000000000:role/shop',
      revisionId: 'r1',
      startMs: START_MS,
      input: JSON.stringify(input),
      seed: 'seed',
    };
    const ofChild = child && { executionId: executionId(child.executionArn), ...child };
    this.execution = {
      record: ofChild ?? record,
      head: { state: { status: 'RUNNING' }, events: 0, visits: 0 },
      frames: new Map(),
    };
  }

  async start(): Promise<this> {
    await this.send({ type: 'Started', at: this.at });
    return this;
  }

  /** Interprets a stimulus and applies what it changed, after a round trip through text. */
  async send(stimulus: Stimulus): Promise<Step> {
    return this.apply(await interpret(this.machine, this.execution, stimulus, this.limits));
  }

  apply(step: Step): Step {
    const frames = new Map(this.execution.frames) as Map<FrameId, Frame>;
    applyFrames(frames, new Map(JSON.parse(JSON.stringify([...step.frames]))));
    this.execution = { ...this.execution, head: JSON.parse(JSON.stringify(step.head)), frames };
    this.history.push(...step.history);
    for (const effect of step.effects) this.#perform(effect);
    return step;
  }

  /** The visit of the only open task, or of the one whose input is this. */
  visitOf(input?: Json): number {
    const found = [...this.tasks].filter(([, task]) => input === undefined || task.input === JSON.stringify(input));
    const [visit] = found[0] ?? [];
    if (visit === undefined) throw new Error(`no open task with input ${JSON.stringify(input)}`);
    return visit;
  }

  async started(visit = this.visitOf(), workerName?: string): Promise<void> {
    await this.send({ type: 'TaskStarted', at: this.at, visit, ...(workerName === undefined ? {} : { workerName }) });
  }

  async submitted(output: Json = {}, visit = this.visitOf()): Promise<void> {
    await this.send({ type: 'TaskSubmitted', at: this.at, visit, output: JSON.stringify(output) });
  }

  async succeed(output: Json = {}, visit = this.visitOf()): Promise<void> {
    this.#settle(visit);
    await this.send({
      type: 'TaskSettled',
      at: this.at,
      visit,
      result: { type: 'succeeded', output: JSON.stringify(output) },
    });
  }

  async fail(error?: string, cause?: string, visit = this.visitOf()): Promise<void> {
    this.#settle(visit);
    const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    await this.send({ type: 'TaskSettled', at: this.at, visit, result: { type: 'failed', ...reason } });
  }

  /** Lets time pass until the earliest timer (of the purpose) and fires it. Answers how many ms that took. */
  async fire(purpose?: TimerPurpose): Promise<number> {
    const due = [...this.timers]
      .map(([key, dueMs]) => ({ key, dueMs, timer: timerOf(key) }))
      .filter(({ timer }) => purpose === undefined || timer.purpose === purpose)
      .sort((a, b) => a.dueMs - b.dueMs)[0];
    if (!due) throw new Error(`no timer ${purpose ?? ''} is set`);
    const passed = due.dueMs - this.at;
    this.at = Math.max(this.at, due.dueMs);
    this.timers.delete(due.key);
    if (purpose === 'timeout' || purpose === 'heartbeat') this.#settle(due.timer.visit);
    await this.send({ type: 'TimersFired', at: this.at, timers: [due.timer] });
    return passed;
  }

  /** As the store does it: one redrive more, now. */
  async redrive(edits?: RedriveEdits): Promise<void> {
    const count = (this.execution.head.redrives?.count ?? 0) + 1;
    await this.send({ type: 'Redriven', at: this.at, count, ...(edits && { edits }) });
  }

  async stop(): Promise<void> {
    await this.send({ type: 'StopRequested', at: this.at });
  }

  /** How many frames stay in a state that something may still happen to. */
  get running(): number {
    return [...this.execution.frames.values()].filter(({ phase }) => phase === 'running').length;
  }

  /** Lets time pass until the earliest timer and fires all that are due then, in an order that says nothing. */
  async fireTogether(): Promise<void> {
    this.at = Math.min(...this.timers.values());
    const timers = [...this.timers].filter(([, dueMs]) => dueMs === this.at).map(([key]) => timerOf(key));
    for (const { visit, purpose } of timers) {
      this.timers.delete(`${visit}|${purpose}`);
      if (purpose === 'timeout' || purpose === 'heartbeat') this.#settle(visit);
    }
    await this.send({ type: 'TimersFired', at: this.at, timers: timers.toReversed() });
  }

  get state() {
    return this.execution.head.state;
  }

  get output(): Json | undefined {
    return this.state.status === 'SUCCEEDED' ? (JSON.parse(this.state.output) as Json) : undefined;
  }

  get types(): string[] {
    return this.history.map(({ type }) => type);
  }

  /** `id <- previousEventId type` per event: the shape of a history at a glance. */
  get links(): string[] {
    return this.history.map(({ id, previousEventId, type }) => `${id} <- ${previousEventId} ${type}`);
  }

  #settle(visit: number): void {
    this.tasks.delete(visit);
    this.timers.delete(`${visit}|timeout`);
    this.timers.delete(`${visit}|heartbeat`);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'DispatchTask':
        this.tasks.set(effect.visit, effect.task);
        return;
      case 'CloseTask':
        this.#settle(effect.visit);
        return;
      case 'SetTimer':
        this.timers.set(`${effect.timer.visit}|${effect.timer.purpose}`, effect.dueMs);
        return;
      case 'ClearTimer':
        this.timers.delete(`${effect.timer.visit}|${effect.timer.purpose}`);
        return;
      case 'NoteMapRun':
        this.mapRuns.set(effect.mapRun.mapRunArn, effect.mapRun);
        return;
      case 'StartChild':
        this.children.push(effect.record);
        return;
      case 'StopChild':
        this.stopped.push(effect.executionArn);
        return;
      case 'RedriveChild':
        this.redriven.push(effect);
        return;
      case 'ForgetChild':
        this.forgotten.push(effect.executionArn);
        return;
      case 'KeepResult':
        this.kept.push(effect);
        return;
      case 'Continue':
        this.continues.push(effect.visit);
        return;
    }
  }
}

function timerOf(key: string): { visit: number; purpose: TimerPurpose } {
  const [visit, purpose] = key.split('|');
  return { visit: Number(visit), purpose: purpose as TimerPurpose };
}
