import { AWS_LIMITS } from '../../engine/interpreter/limits.ts';
import { createAnnouncer } from '../../engine/runtime/announcer.ts';
import { createEngine } from '../../engine/runtime/engine.ts';
import { WebhookList } from '../../engine/runtime/webhook-list.ts';
import { executionId } from '../../engine/store/execution-id.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import type { Store } from '../../engine/store/store.ts';
import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import type { TaskQueue } from '../../engine/tasks/queue.ts';
import type { HistoryEvent } from '../../schemas/history.ts';
import { RUNNER_QUEUE } from '../../schemas/resource.ts';
import { formatTaskToken } from '../../schemas/task.ts';
import { AnnouncementLog, LISTENER } from './announcements.ts';
import { called, callProblems, doubleCalls, runCalls, withCalls } from './calls.ts';
import { Dice } from './dice.ts';
import { editProblems } from './edits.ts';
import { forkProblems, historyProblems, redriveProblems, resultProblems, sagaProblems } from './invariants.ts';
import { ChildLog, mapRunProblems } from './map-runs.ts';
import { type Faults, Mortal } from './mortal.ts';
import { otherRevision, Redriver } from './redriver.ts';
import { ACTIVITIES, CALLED, MACHINES } from './sagas.ts';
import { StatesWatch, searchProblems } from './searching.ts';
import { VirtualClock } from './virtual-clock.ts';
import { work } from './worker.ts';

const LEASE_MS = 4000;
const SHARDS = 3;
const EXECUTIONS = 8;
/** Virtual time after which a run counts as stuck. */
const PATIENCE_MS = 3_600_000;
const INPUTS: Readonly<Record<string, string>> = {
  saga: '{}',
  brittle: '{"items":[1,2,3,4]}',
  spread: '{}',
  quick: '{"items":[1,2,3,4,5,6,7]}',
};
const SILENT = { info() {}, warn() {}, error() {} };

/** Takes down what the store accepts, where it happens: an answer may be lost on its way. */
function recording(store: Store, accepted: Map<string, number>, children: ChildLog, states: StatesWatch): Store {
  const { executions } = store;
  const settleTask: typeof executions.settleTask = async (token, result, requestId, order) => {
    const answer = await executions.settleTask(token, result, requestId, order);
    const key = formatTaskToken(token);
    // A notice may be sent again, and may come too early to be told.
    if (answer === 'accepted' && order !== 'submitted') accepted.set(key, (accepted.get(key) ?? 0) + 1);
    return answer;
  };
  const recorded = new Proxy(executions, {
    get: (target, name) => {
      const value: unknown = name === 'settleTask' ? settleTask : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const shards = new Proxy(store.shards, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'commit') return typeof value === 'function' ? value.bind(target) : value;
      return async (...[lease, batch]: Parameters<typeof target.commit>) => {
        const answer = await states.commit(target, lease, batch);
        if (answer !== 'lost') children.committed(lease, batch);
        return answer;
      };
    },
  });
  return { ...store, executions: recorded, shards };
}

/** One whole deployment in one thread, on virtual time: engines that die, workers that bungle, a store that dawdles. */
class World {
  readonly clock = new VirtualClock();
  readonly store: Store;
  readonly queue: TaskQueue = withCalls(createMemoryTaskQueue());
  /** How often the result of each task was accepted, by token. */
  readonly accepted = new Map<string, number>();
  readonly children = new ChildLog();
  readonly states = new StatesWatch();
  readonly announced = new AnnouncementLog();
  readonly errors: string[] = [];
  readonly redriver: Redriver;
  readonly #dice: Dice;
  #engines = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.store = recording(
      createMemoryStore({ shards: SHARDS, clock: this.clock }),
      this.accepted,
      this.children,
      this.states,
    );
    this.redriver = new Redriver(this.store.executions, this.store.registry, this.clock, this.#dice);
  }

  /** Starts an engine, and another one some time after it has died. */
  runEngine(faults: Faults): void {
    this.#engines += 1;
    const mortal = new Mortal(this.clock, this.#dice, faults);
    const webhooks = new WebhookList({ store: this.store.webhooks, log: SILENT, clock: mortal.clock });
    const engine = createEngine({
      store: mortal.store(this.store),
      queue: this.queue,
      owner: `engine-${this.#engines}`,
      limits: AWS_LIMITS,
      leaseMs: LEASE_MS,
      announcer: createAnnouncer(webhooks, mortal.reach(this.announced)),
      log: { ...SILENT, error: (fields, message) => this.errors.push(`${message}: ${String(fields['err'])}`) },
      clock: mortal.clock,
    });
    void webhooks.start().then(() => engine.start());
    const watch = (): void => {
      if (mortal.alive) this.clock.after(500, watch);
      else this.clock.after(this.#dice.below(3000), () => this.runEngine(faults));
    };
    watch();
  }

  runWorkers(): void {
    const mortal = new Mortal(this.clock, this.#dice, {
      death: 0,
      delay: 0.3,
      longestDelayMs: 2000,
      resend: 0,
      stall: 0,
      stallMs: 0,
    });
    const store = mortal.store(this.store);
    for (const activity of [...ACTIVITIES, RUNNER_QUEUE]) void work(activity, store, this.queue, mortal, this.#dice);
  }

  /** Runs tasks that start executions, and goes on elsewhere some time after a death. */
  runRunner(faults: Faults): void {
    const mortal = new Mortal(this.clock, this.#dice, faults);
    const death = new AbortController();
    for (let lanes = 2; lanes > 0; lanes -= 1) void runCalls(mortal.store(this.store), this.queue, death.signal);
    const watch = (): void => {
      if (mortal.alive) return void this.clock.after(500, watch);
      death.abort();
      this.clock.after(this.#dice.below(3000), () => this.runRunner(faults));
    };
    watch();
  }

  async startExecutions(): Promise<string[]> {
    const arns: string[] = [];
    await this.store.webhooks.create(LISTENER);
    for (const [name, definition] of [...MACHINES, ...CALLED]) {
      const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
      const body = {
        roleArn: 'arn:aws:iam::000000000000:role/r',
        definition: JSON.stringify(definition),
        configuration: '{}',
      };
      await this.store.registry.createMachine({ stateMachineArn, name, type: 'STANDARD', revisionId: name, ...body });
      await this.store.registry.updateMachine(stateMachineArn, { revisionId: otherRevision(name) });
    }
    for (let index = 0; index < EXECUTIONS; index += 1)
      arns.push(await this.#start(this.#dice.pick(MACHINES)[0], index));
    return arns;
  }

  async #start(machine: string, index: number): Promise<string> {
    const executionArn = `arn:aws:states:us-east-1:000000000000:execution:${machine}:${index}`;
    const record = {
      executionId: executionId(executionArn),
      executionArn,
      name: String(index),
      stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${machine}`,
      stateMachineName: machine,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      revisionId: machine,
      input: INPUTS[machine] ?? '[1,2,3]',
      seed: `seed-${index}`,
      attributes: { parity: index % 2 === 0 ? 'even' : 'odd' },
    };
    await this.store.executions.start(record, `request-${index}`);
    if (this.#dice.chance(0.15)) this.clock.after(this.#dice.below(20_000), () => this.#stop(executionArn));
    this.redriver.watch(executionArn);
    return executionArn;
  }

  /** Sometimes twice: the second finds it closed, or on its way to be redriven. */
  #stop(executionArn: string): void {
    for (let times = this.#dice.chance(0.3) ? 2 : 1; times > 0; times -= 1) {
      void this.store.executions.stop(executionArn, {});
    }
  }

  async allClosed(arns: readonly string[]): Promise<boolean> {
    for (const arn of arns) {
      const { status } = (await this.store.executions.describe(arn)) ?? {};
      if (status === 'RUNNING' || (status !== 'SUCCEEDED' && this.redriver.isPlanned(arn))) return false;
    }
    for (const { status } of (await called(this.store)).values()) if (status === 'RUNNING') return false;
    if ((await this.children.open(this.store)).length > 0) return false;
    return (await this.untold(arns)).length === 0;
  }

  /** Changes of status that no webhook has heard of. */
  async untold(arns: readonly string[]): Promise<string[]> {
    const untold: string[] = [];
    for (const arn of [...arns, ...(await called(this.store)).keys()]) {
      const missing = this.announced.missing(arn, await this.history(arn));
      untold.push(...missing.map((change) => `${arn} was not told to be ${change}`));
    }
    return untold;
  }

  async history(arn: string): Promise<HistoryEvent[]> {
    const page = await this.store.executions.history(arn, { start: 0, limit: 100_000, reverse: false });
    return (page?.events ?? []).map((text) => JSON.parse(text) as HistoryEvent);
  }
}

/**
 * Runs a deployment with faults drawn from the seed until every execution has ended.
 *
 * @returns what went wrong, each with the execution it went wrong in; nothing when all promises were kept
 */
export async function simulate(seed: number): Promise<string[]> {
  const world = new World(seed);
  const faults: Faults = {
    death: 0.003,
    delay: 0.2,
    longestDelayMs: 300,
    resend: 0.1,
    stall: 0.002,
    stallMs: 3 * LEASE_MS,
  };
  const arns = await world.startExecutions();
  world.runEngine(faults);
  world.runEngine(faults);
  world.runWorkers();
  world.runRunner({ ...faults, death: 0.02 });
  const begun = world.clock.now();
  for (let steps = 0; !(steps % 20 === 0 && (await world.allClosed(arns))); steps += 1) {
    if (world.clock.now() - begun > PATIENCE_MS || !(await world.clock.step())) {
      return [`stuck: ${await stillRunning(world, arns)}`, ...(await world.untold(arns))];
    }
  }
  return [...world.errors, ...(await problemsOf(world, arns))];
}

async function problemsOf(world: World, arns: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const acceptedOf = (arn: string) =>
    [...world.accepted.keys()].filter((token) => token.startsWith(executionId(arn))).length;
  const calls = await called(world.store);
  for (const arn of [...arns, ...calls.keys()]) {
    const events = await world.history(arn);
    const redriven = world.redriver.answered(arn);
    const { redrives: told, revisionId } = (await world.store.executions.describe(arn)) ?? {};
    const times = redriven.map(({ redriveMs }) => redriveMs);
    const found = [
      ...historyProblems(events),
      // What a Map Run has done for it is not told.
      ...(arn.includes(':spread:') ? [] : resultProblems(events, acceptedOf(arn))),
      ...world.announced.problems(arn, events),
      ...redriveProblems(events, times, told),
      ...editProblems(events, redriven, await world.store.executions.redrives(arn), revisionId),
      ...(arn.includes(':brittle:') ? forkProblems(events) : []),
      ...(arn.includes(':saga:') ? sagaProblems(events) : []),
      ...(arn.includes(':parent:') ? callProblems(events, calls) : []),
      ...(await mapRunProblems(world.store, arn, acceptedOf)),
    ];
    problems.push(...found.map((problem) => `${arn}: ${problem}`));
  }
  problems.push(...world.children.problems(), ...(await doubleCalls(world.store, calls)), ...world.states.problems);
  problems.push(...(await searchProblems(world.store, [...arns, ...calls.keys()])));
  for (const [token, count] of world.accepted) if (count > 1) problems.push(`${token} was accepted ${count} times`);
  return problems;
}

async function stillRunning(world: World, arns: readonly string[]): Promise<string> {
  const open: string[] = [];
  for (const arn of [...arns, ...(await called(world.store)).keys()]) {
    if ((await world.store.executions.describe(arn))?.status !== 'RUNNING') continue;
    open.push(`${arn} after ${(await world.history(arn)).map(({ type }) => type).join(' ')}`);
  }
  return open.join('; ');
}
