import { ActivitySettingsWatch } from '../../engine/activities/activity-settings.ts';
import { type ActivityTask, createHandOuts } from '../../engine/activities/hand-outs.ts';
import { pause } from '../../engine/runtime/clock.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import type { PermitStore } from '../../engine/store/permit-store.ts';
import type { Store } from '../../engine/store/store.ts';
import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import type { TakenTask, TaskQueue } from '../../engine/tasks/queue.ts';
import { type ActivityLimits, burstOf } from '../../schemas/activity.ts';
import type { PendingTask } from '../../schemas/task.ts';
import { type Begun, beginTask, claim, commit, request, SHARDS, tokenOf } from '../contracts/store/fixtures.ts';
import { Dice } from './dice.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Processes that hand out the tasks of one activity within limits that change, and die while they do; tasks end in every way there is. */

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';
const TASKS = 40;
const PROCESSES = 3;
const POLLS = 4;
/** How long a job stays with a process that died. */
const LOCK_MS = 10_000;
const FOR_EVER_MS = 1e9;
const PATIENCE_MS = 3_600_000;
const SILENT = { info() {}, warn() {}, error() {} };

interface Job {
  readonly begun: Begun;
  state: 'waiting' | 'in progress' | 'ended';
}

class World {
  readonly clock = new VirtualClock();
  readonly store: Store = createMemoryStore({ shards: SHARDS, clock: this.clock });
  readonly queue = createMemoryTaskQueue();
  readonly problems: string[] = [];
  readonly jobs = new Map<string, Job>();
  readonly dice: Dice;
  /** What holds now, and the hand-outs since it does. */
  limits: ActivityLimits = {};
  paused = false;
  handOuts: number[] = [];
  #processes = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
  }

  get inProgress(): number {
    return [...this.jobs.values()].filter(({ state }) => state === 'in progress').length;
  }

  get open(): number {
    return [...this.jobs.values()].filter(({ state }) => state !== 'ended').length;
  }

  async begin(): Promise<void> {
    await this.store.registry.createActivity({ activityArn: ACTIVITY, name: 'pay' });
    await this.change();
    for (let count = 0; count < TASKS; count += 1) {
      const begun = await beginTask(this.store, `run-${count}`);
      this.jobs.set(begun.record.executionId, { begun, state: 'waiting' });
      await this.queue.add([pendingOf(begun)]);
    }
  }

  /** Other limits, at once for everybody who asks. */
  async change(): Promise<void> {
    const { dice } = this;
    const maxConcurrency = 1 + dice.below(6);
    const rate = { ratePerSecond: dice.pick([0.5, 3, 20]), ...(dice.chance(0.5) && { burst: 1 + dice.below(4) }) };
    this.limits = dice.pick([{ maxConcurrency }, rate, { maxConcurrency, ...rate }]);
    this.handOuts = [];
    await this.store.registry.changeActivity(ACTIVITY, { limits: this.limits });
  }

  async pauseOrResume(paused: boolean): Promise<void> {
    this.paused = paused;
    await this.store.registry.changeActivity(ACTIVITY, { paused });
  }

  /** Starts a process, and another one some time after it has died. */
  async runProcess(): Promise<void> {
    const { clock, dice, store } = this;
    this.#processes += 1;
    const dead = new AbortController();
    const held = new Set<TakenTask>();
    const ports = { permits: this.#permitsUntil(dead.signal), clock, log: SILENT };
    const settings = new ActivitySettingsWatch({ ...ports, permits: store.permits });
    await settings.start();
    const queue = this.#queueNoting(held);
    const handOuts = createHandOuts({
      ...ports,
      polls: store.polls,
      queue,
      settings,
      process: `process-${this.#processes}`,
    });
    const record = { activityArn: ACTIVITY, name: 'pay', creationMs: 0, limits: this.limits };
    for (let polls = 0; polls < POLLS; polls += 1) {
      void this.#poll(() => handOuts.take(record, FOR_EVER_MS, dead.signal), dead.signal);
    }
    clock.after(500 + dice.below(8000), () => {
      dead.abort();
      void settings.stop();
      clock.after(LOCK_MS, () => {
        for (const taken of held) void taken.giveBack();
      });
      if (this.open > 0) clock.after(dice.below(2000), () => void this.runProcess());
    });
  }

  /** Calls take a moment, and are sent twice when a connection is cut; those of a dead process never get anywhere. */
  #permitsUntil(dead: AbortSignal): PermitStore {
    const { clock, dice } = this;
    return new Proxy(this.store.permits, {
      get: (target, name) => {
        const method = Reflect.get(target, name, target) as (...given: unknown[]) => Promise<unknown>;
        return async (...given: unknown[]) => {
          await pause(clock, dice.below(20));
          if (dead.aborted) return new Promise(() => undefined);
          if (dice.chance(0.1)) await Reflect.apply(method, target, given);
          return Reflect.apply(method, target, given);
        };
      },
    });
  }

  /** What the process holds, so that it comes back when the process is dead. */
  #queueNoting(held: Set<TakenTask>): Pick<TaskQueue, 'take'> {
    return {
      take: async (...asked) => {
        const taken = await this.queue.take(...asked);
        if (!taken) return undefined;
        held.add(taken);
        const letGo = (how: () => Promise<void>) => () => {
          held.delete(taken);
          return how();
        };
        return { ...taken, done: letGo(taken.done), giveBack: letGo(taken.giveBack) };
      },
    };
  }

  async #poll(take: () => Promise<ActivityTask | undefined>, dead: AbortSignal): Promise<void> {
    while (this.open > 0) {
      const taken = await take();
      if (!taken) return;
      await pause(this.clock, this.dice.below(30));
      if (dead.aborted) return;
      await this.#handOut(taken, dead);
    }
  }

  async #handOut(taken: ActivityTask, dead: AbortSignal): Promise<void> {
    const { clock, dice, store } = this;
    const task = await store.executions.reserveTask(taken.id, 'w', taken.permitOf);
    if (!task) return taken.done();
    const isAdmitted = await taken.admit();
    const { limits } = this;
    if (isAdmitted) this.#note();
    await pause(clock, dice.below(30));
    if (dead.aborted) return;
    // Or the client has hung up.
    const isDelivered = isAdmitted && !dice.chance(0.1);
    if (isDelivered) await this.#start(taken, limits);
    await (isDelivered ? taken.done() : taken.giveBack());
  }

  /** At this moment a task may be handed out. */
  #note(): void {
    const { limits, handOuts, clock } = this;
    const { ratePerSecond, maxConcurrency = Number.POSITIVE_INFINITY } = limits;
    const complain = (what: string) => this.problems.push(`${what} under ${JSON.stringify(limits)}`);
    if (this.paused) complain('a hand-out while it is paused');
    if (this.inProgress >= maxConcurrency) complain(`${this.inProgress + 1} tasks in progress`);
    handOuts.push(clock.now());
    if (ratePerSecond === undefined) return;
    for (const [index, ms] of handOuts.entries()) {
      const count = handOuts.length - index;
      const passedMs = clock.now() - ms;
      if (count > burstOf(limits) + (passedMs / 1000) * ratePerSecond + 1e-6) complain(`${count} in ${passedMs} ms`);
    }
  }

  /** @param limits those under which it was admitted */
  async #start({ id }: ActivityTask, limits: ActivityLimits): Promise<void> {
    const job = this.jobs.get(id.executionId);
    if (job?.state !== 'waiting') throw new Error('A task was handed out that was not to be had');
    job.state = 'in progress';
    if (limits === this.limits && this.inProgress > (limits.maxConcurrency ?? Number.POSITIVE_INFINITY)) {
      this.problems.push(`${this.inProgress} tasks in progress under ${JSON.stringify(limits)}`);
    }
    await this.store.executions.startTask(id, 'w');
    void this.#end(job);
  }

  /** By a result, a timeout, a missed heartbeat, or since its execution goes another way. */
  async #end(job: Job): Promise<void> {
    const { clock, dice, store } = this;
    await pause(clock, dice.below(3000));
    const { shard } = job.begun;
    const begun = { ...job.begun, lease: await claim(store, shard) };
    job.state = 'ended';
    const purpose = dice.pick(['timeout', 'heartbeat', 'stop', 'result', 'result'] as const);
    if (purpose === 'result') {
      await store.executions.settleTask(tokenOf(begun), { type: 'succeeded', output: '1' }, request());
    } else if (purpose === 'stop') {
      await commit(begun, { effects: [{ type: 'CloseTask', visit: 1 }] });
    } else {
      const timer = { visit: 1, purpose };
      await commit(begun, { effects: [{ type: 'SetTimer', timer, dueMs: clock.now() }] });
      await store.shards.fireTimers(begun.lease, 10);
    }
  }

  /** Other limits now and then, and pauses; in the end the activity goes on. */
  changeNowAndThen(): void {
    const { clock, dice } = this;
    clock.after(1000 + dice.below(5000), () => {
      if (this.open === 0) return;
      if (this.paused || dice.chance(0.3)) void this.pauseOrResume(!this.paused);
      else void this.change();
      this.changeNowAndThen();
    });
  }
}

const pendingOf = ({ record: { executionId } }: Begun): PendingTask => ({
  id: { executionId, visit: 1 },
  resource: ACTIVITY,
  input: '{}',
  taskToken: '',
});

/** Plays a seed to its end. Answers what was not as promised. */
export async function simulateHandOuts(seed: number): Promise<readonly string[]> {
  const world = new World(seed);
  const { clock, store, problems } = world;
  await world.begin();
  for (let count = 0; count < PROCESSES; count += 1) await world.runProcess();
  world.changeNowAndThen();
  const untilMs = clock.now() + PATIENCE_MS;
  while (world.open > 0 && clock.now() < untilMs) await clock.step();
  if (world.open > 0) problems.push(`${world.open} tasks were not handed out`);
  // All processes die, and a new one wants all that there is.
  const later = clock.now() + 2 * LOCK_MS;
  while (clock.now() < later && (await clock.step()));
  await world.pauseOrResume(false);
  await store.registry.changeActivity(ACTIVITY, { limits: { maxConcurrency: 7 } });
  if ((await store.permits.inProgress(ACTIVITY)) > 0) problems.push('permits of tasks that have ended are not free');
  const last = await store.permits.exchange(ACTIVITY, 'last', { sequence: 1, held: 0, want: 9, bind: [], undo: [] });
  if (last?.granted !== 7) problems.push(`there are ${last?.granted} permits instead of 7`);
  return problems;
}
