import { setTimeout as sleep } from 'node:timers/promises';
import type { Json, JsonObject } from '../schemas/json.ts';
import { closedLoop, type Load } from './closed-loop.ts';
import { costBetween, readMeter } from './meter.ts';
import type { PrivateRedis } from './private-redis.ts';
import type { Round } from './report.ts';
import { Server } from './server.ts';
import { Wire } from './wire.ts';
import { activityArnOf, machineArnOf, order, pureMachine, ROLE_ARN, taskMachine } from './workload.ts';

const TASKS = 3;
const ACTIVITY = 'wire';
/** Before each measurement, as a share of its time. */
const WARM_UP = 0.4;
const MACHINE = machineArnOf(ACTIVITY);

/** Orders under way over HTTP: how many of their tasks are done, and when the last result was sent. */
class Orders {
  readonly stepsMs: number[] = [];
  readonly #open = new Map<Json, { done: number; sentAt: number; end: () => void }>();
  #number = 0;

  begin(): { number: number; ended: Promise<void> } {
    this.#number += 1;
    const number = this.#number;
    const ended = new Promise<void>((end) => this.#open.set(number, { done: 0, sentAt: 0, end }));
    return { number, ended };
  }

  /** One task step: from a result being sent to the next task of the execution reaching its worker. */
  taken(number: Json): void {
    const open = this.#open.get(number);
    if (open && open.sentAt > 0) this.stepsMs.push(performance.now() - open.sentAt);
  }

  sending(number: Json): void {
    const open = this.#open.get(number);
    if (open) open.sentAt = performance.now();
  }

  sent(number: Json): void {
    const open = this.#open.get(number);
    if (!open) return;
    open.done += 1;
    if (open.done < TASKS) return;
    this.#open.delete(number);
    open.end();
  }
}

/** A worker that polls, answers each task with its own input, and polls again. */
async function work(wire: Wire, orders: Orders, isStopping: () => boolean): Promise<void> {
  while (!isStopping()) {
    const task = await wire.call('GetActivityTask', { activityArn: activityArnOf(ACTIVITY), workerName: 'bench' });
    const { taskToken, input } = task;
    if (typeof taskToken !== 'string' || typeof input !== 'string') continue;
    const { order: number } = JSON.parse(input) as JsonObject;
    orders.taken(number ?? 0);
    orders.sending(number ?? 0);
    await wire.call('SendTaskSuccess', { taskToken, output: input });
    orders.sent(number ?? 0);
  }
}

export interface HttpRound extends Round {
  readonly stepsMs: readonly number[];
}

/** A server process under load: clients and workers are sockets of this process. */
export class HttpSystem {
  readonly #redis: PrivateRedis;
  readonly #server: Server;
  readonly #setUp: Wire;

  private constructor(redis: PrivateRedis, server: Server) {
    this.#redis = redis;
    this.#server = server;
    this.#setUp = new Wire(server.url);
  }

  static async start(redis: PrivateRedis): Promise<HttpSystem> {
    await redis.clear();
    const system = new HttpSystem(redis, await Server.start({ redisUrl: redis.url }));
    await system.#setUp.call('CreateActivity', { name: ACTIVITY });
    await createMachine(system.#setUp, ACTIVITY, taskMachine(TASKS, ACTIVITY));
    await createMachine(system.#setUp, 'start', pureMachine(1));
    return system;
  }

  /** Executions of three activities. An execution counts as long as its last result is accepted, or until it is described as closed. */
  async tasksRound(load: Load, untilClosed: boolean): Promise<HttpRound> {
    const orders = new Orders();
    let stopping = false;
    const pollers = sockets(this.#server, load.inFlight);
    const working = pollers.map((wire) => work(wire, orders, () => stopping).catch(unless(() => stopping)));
    const clients = sockets(this.#server, load.inFlight);
    const round = await this.#measured(load, clients, async (client) => {
      const { number, ended } = orders.begin();
      const input = JSON.stringify(order(number));
      const { executionArn = '' } = await client.call('StartExecution', { stateMachineArn: MACHINE, input });
      await ended;
      if (untilClosed) await closed(client, executionArn);
    });
    await allSucceeded(this.#setUp);
    stopping = true;
    for (const wire of [...pollers, ...clients]) wire.close();
    await Promise.all(working);
    return { ...round, tasks: round.executions * TASKS, stepsMs: orders.stepsMs };
  }

  /** StartExecution alone: each answer means that the execution is durable. */
  async startRound(load: Load): Promise<Round> {
    const clients = sockets(this.#server, load.inFlight);
    const start = { stateMachineArn: machineArnOf('start'), input: JSON.stringify(order(1)) };
    const round = await this.#measured(
      load,
      clients,
      async (client) => void (await client.call('StartExecution', start)),
    );
    for (const wire of clients) wire.close();
    return round;
  }

  async stop(): Promise<void> {
    this.#setUp.close();
    await this.#server.stop();
  }

  async #measured(load: Load, clients: Wire[], work: (client: Wire) => Promise<void>): Promise<Round> {
    const once = async (): Promise<void> => {
      const client = clients.pop();
      if (!client) throw new Error('There are fewer clients than requests in flight');
      await work(client);
      clients.push(client);
    };
    await closedLoop({ ...load, ms: load.ms * WARM_UP }, once);
    const { admin } = this.#redis;
    const before = await readMeter(admin, this.#server.clock);
    const { count, elapsedMs, latenciesMs } = await closedLoop(load, once);
    const cost = costBetween(before, await readMeter(admin, this.#server.clock));
    return { executions: count, tasks: 0, elapsedMs, latenciesMs, cost };
  }
}

export const sockets = (server: Server, count: number): Wire[] =>
  Array.from({ length: count }, () => new Wire(server.url));

export async function createMachine(wire: Wire, name: string, definition: JsonObject): Promise<void> {
  await wire.call('CreateStateMachine', { name, roleArn: ROLE_ARN, definition: JSON.stringify(definition) });
}

/** Sockets that are closed while they wait reject; that is how they end. */
export const unless =
  (isStopping: () => boolean) =>
  (error: unknown): void => {
    if (!isStopping()) throw error;
  };

async function closed(wire: Wire, executionArn: Json): Promise<void> {
  for (;;) {
    const { status } = await wire.call('DescribeExecution', { executionArn });
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`An execution ended as ${JSON.stringify(status)}`);
  }
}

/** What was counted really happened: nothing is left open, nothing failed. */
async function allSucceeded(wire: Wire): Promise<void> {
  const count = async (statusFilter: string): Promise<number> => {
    const { executions } = await wire.call('ListExecutions', {
      stateMachineArn: MACHINE,
      statusFilter,
      maxResults: 10,
    });
    return Array.isArray(executions) ? executions.length : 0;
  };
  for (let patience = 100; (await count('RUNNING')) > 0; patience -= 1) {
    if (patience === 0) throw new Error('Executions do not end');
    await sleep(20);
  }
  if ((await count('FAILED')) > 0) throw new Error('Executions failed');
}
