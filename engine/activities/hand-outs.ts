import { needsPermits } from '../../schemas/activity.ts';
import type { PollStore } from '../store/poll-store.ts';
import type { ActivityRecord } from '../store/store.ts';
import type { TakenTask, TaskQueue } from '../tasks/queue.ts';
import type { ActivitySettingsWatch } from './activity-settings.ts';
import { Gate, type GatePorts } from './gate.ts';
import { PollTally } from './poll-tally.ts';

/** A task of an activity that this process holds, and the permit under which it may be handed out. */
export interface ActivityTask extends TakenTask {
  /** The activity whose permit it needs; undefined when it needs none. */
  readonly permitOf: string | undefined;
  /**
   * To be asked when the task is about to be handed out: false when it may not be after all, and is to be given back.
   *
   * @throws StoreUnavailable
   */
  admit(): Promise<boolean>;
}

/** How the polls of this process get tasks of activities: at once, or within the limits of the activity. */
export interface HandOuts {
  /** Waits for a task that may be handed out, up to `waitMs` or until the signal aborts; then undefined. */
  take(
    activity: ActivityRecord,
    waitMs: number,
    signal: AbortSignal,
    workerName?: string,
  ): Promise<ActivityTask | undefined>;
  /** Lets everybody go, and gives back the permits that this process holds. */
  close(): Promise<void>;
}

export interface HandOutPorts extends Omit<GatePorts, 'nextSequence' | 'permits'> {
  readonly queue: Pick<TaskQueue, 'take'>;
  readonly permits: GatePorts['permits'] & { listen(hear: (activityArn: string) => void): Promise<void> };
  readonly settings: ActivitySettingsWatch;
  readonly polls: Pick<PollStore, 'report'>;
}

export function createHandOuts(ports: HandOutPorts): HandOuts {
  return new ActivityHandOuts(ports);
}

class ActivityHandOuts implements HandOuts {
  readonly #ports: HandOutPorts;
  readonly #gates = new Map<string, Gate>();
  readonly #tally: PollTally;
  #sequence = 0;
  #listening: Promise<void> | undefined;
  #closed = false;

  constructor(ports: HandOutPorts) {
    this.#ports = ports;
    this.#tally = new PollTally(ports.polls, ports.process, ports.clock);
  }

  async take(
    activity: ActivityRecord,
    waitMs: number,
    signal: AbortSignal,
    workerName?: string,
  ): Promise<ActivityTask | undefined> {
    const { activityArn } = activity;
    this.#ports.settings.learn(activityArn, activity);
    const stopWaiting = this.#tally.wait(activityArn, workerName);
    try {
      return await this.#take(activityArn, waitMs, signal);
    } finally {
      stopWaiting();
    }
  }

  async #take(activityArn: string, waitMs: number, signal: AbortSignal): Promise<ActivityTask | undefined> {
    const { clock, settings } = this.#ports;
    const untilMs = clock.now() + waitMs;
    while (!signal.aborted && !this.#closed) {
      const leftMs = untilMs - clock.now();
      if (leftMs <= 0) break;
      const known = settings.of(activityArn);
      const isBounded = known !== undefined && needsPermits(known);
      const taken = await (isBounded
        ? this.#takeBounded(activityArn, leftMs, signal)
        : this.#takeFree(activityArn, leftMs, signal));
      if (taken !== 'changed') return taken;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#tally.stop(), ...[...this.#gates.values()].map((gate) => gate.close())]);
  }

  /** Until a task comes, or limits do. */
  async #takeFree(
    activityArn: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ActivityTask | 'changed' | undefined> {
    const { queue, settings } = this.#ports;
    const turn = settings.turn(activityArn, signal);
    const taken = await queue.take(activityArn, waitMs, turn.signal);
    turn.end();
    if (taken) return this.#free(taken, activityArn);
    return turn.changed ? 'changed' : undefined;
  }

  async #takeBounded(
    activityArn: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ActivityTask | 'changed' | undefined> {
    const { clock, queue, settings } = this.#ports;
    const untilMs = clock.now() + waitMs;
    const gate = this.#gateOf(activityArn);
    const passed = await gate.pass(waitMs, signal);
    if (passed === undefined) return undefined;
    if (passed === 'open') {
      if (gate.idle) this.#gates.delete(activityArn);
      await settings.refresh();
      return 'changed';
    }
    const taken = await queue.take(activityArn, untilMs - clock.now(), signal);
    if (taken) return underPermit(taken, activityArn, gate, () => this.#tally.handedOut(activityArn));
    gate.giveUp();
    return undefined;
  }

  #free(taken: TakenTask, activityArn: string): ActivityTask {
    const admit = async () => {
      this.#tally.handedOut(activityArn);
      return true;
    };
    return { ...taken, permitOf: undefined, admit };
  }

  #gateOf(activityArn: string): Gate {
    const { permits } = this.#ports;
    // If nobody tells, gates ask again by themselves.
    this.#listening ??= permits
      .listen((arn) => this.#gates.get(arn)?.wake())
      .catch((error: unknown) => this.#ports.log.warn({ err: error }, 'nobody will tell of permits that are free'));
    const known = this.#gates.get(activityArn);
    if (known) return known;
    const nextSequence = () => ++this.#sequence;
    const gate = new Gate(activityArn, { ...this.#ports, nextSequence });
    this.#gates.set(activityArn, gate);
    return gate;
  }
}

/** The permit goes the way of the task: with it to the worker, or back. */
function underPermit(taken: TakenTask, activityArn: string, gate: Gate, note: () => void): ActivityTask {
  let permit: 'held' | 'bound' | 'gone' = 'held';
  return {
    ...taken,
    permitOf: activityArn,
    async admit() {
      permit = 'gone';
      const isBound = await gate.bind(taken.id);
      if (isBound) {
        permit = 'bound';
        note();
      }
      return isBound;
    },
    async done() {
      // Nobody wanted the task: the permit is for another.
      if (permit === 'held') gate.giveUp();
      if (permit === 'bound') gate.started();
      permit = 'gone';
      await taken.done();
    },
    async giveBack() {
      const was = permit;
      permit = 'gone';
      if (was === 'held') gate.giveUp();
      // Before another can have the task, or this would take the permit from the other. If it fails, the gate says it again.
      if (was === 'bound') await gate.undo(taken.id).catch(() => undefined);
      await taken.giveBack();
    },
  };
}
