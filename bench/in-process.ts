import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { AWS_LIMITS, createEngine, type Engine, type Log, type Store, type TaskQueue } from '../engine/index.ts';
import { executionId } from '../engine/store/execution-id.ts';
import { connect } from '../engine/store/redis/connect.ts';
import { createRedisStore } from '../engine/store/redis/redis-store.ts';
import { createBullmqTaskQueue } from '../engine/tasks/bullmq.ts';
import { executionArn, parseArn } from '../schemas/arn.ts';
import type { JsonObject } from '../schemas/json.ts';
import { type ExecutionId, type PendingTask, parseTaskToken } from '../schemas/task.ts';
import { activityArnOf, machineArnOf, order, ROLE_ARN } from './workload.ts';

const fail = (fields: object, message: string): never => {
  throw new Error(`${message} ${JSON.stringify(fields)}`);
};
const log: Log = { info: () => {}, warn: fail, error: fail };
const onError = (error: Error): void => {
  console.error(error);
};

/** Store, queue and engine in this process, without HTTP: requests go to the ports as the API's handlers do. */
export class InProcess {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly #connection: Redis;
  readonly #ended = new Map<ExecutionId, () => void>();
  readonly #polling = new AbortController();
  readonly #workers: Promise<void>[] = [];
  #engine: Engine | undefined;
  #started = 0;

  private constructor(store: Store, queue: TaskQueue, connection: Redis) {
    this.store = this.#watched(store);
    this.queue = queue;
    this.#connection = connection;
  }

  static async start(url: string, { engine }: { readonly engine: boolean }): Promise<InProcess> {
    const store = await createRedisStore({ url, shards: 16, retentionMs: 86_400_000, onError });
    const connection = connect(url, 'owner', onError);
    const system = new InProcess(store, createBullmqTaskQueue({ connection, onError }), connection);
    if (engine) await system.#startEngine();
    return system;
  }

  async #startEngine(): Promise<void> {
    const { store, queue } = this;
    this.#engine = createEngine({ store, queue, owner: 'bench', limits: AWS_LIMITS, leaseMs: 10_000, log });
    await this.#engine.start();
  }

  async createMachine(name: string, definition: JsonObject): Promise<void> {
    await this.store.registry.createMachine({
      stateMachineArn: machineArnOf(name),
      name,
      type: 'STANDARD',
      roleArn: ROLE_ARN,
      revisionId: name,
      definition: JSON.stringify(definition),
      configuration: '{}',
    });
  }

  /** Resolves when the execution is durable. */
  async startExecution(machine: string): Promise<ExecutionId> {
    this.#started += 1;
    const name = `bench-${this.#started}`;
    const stateMachineArn = machineArnOf(machine);
    const arn = executionArn(parseArn(stateMachineArn), machine, name);
    const id = executionId(arn);
    const rest = { stateMachineArn, stateMachineName: machine, roleArn: ROLE_ARN, revisionId: machine };
    const input = JSON.stringify(order(this.#started));
    await this.store.executions.start(
      { executionId: id, executionArn: arn, name, ...rest, input, seed: randomUUID() },
      randomUUID(),
    );
    return id;
  }

  /** Resolves when the end of the execution is committed. */
  async execute(machine: string): Promise<void> {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    // The name is known before it starts: it may have ended before its start is answered.
    const next = executionId(executionArn(parseArn(machineArnOf(machine)), machine, `bench-${this.#started + 1}`));
    this.#ended.set(next, end);
    await this.startExecution(machine);
    await ended;
    this.#ended.delete(next);
  }

  /** Workers that poll an activity, and answer each task with its own input. */
  startWorkers(activity: string, count: number): void {
    const work = async (): Promise<void> => {
      for (;;) {
        const task = await this.takeTask(activity, this.#polling.signal);
        if (!task) return;
        await this.succeed(task);
      }
    };
    for (let index = 0; index < count; index += 1) this.#workers.push(work());
  }

  /** As GetActivityTask does it: the start is recorded when the worker has the task, and the worker does not wait for that. */
  async takeTask(activity: string, signal: AbortSignal): Promise<PendingTask | undefined> {
    for (;;) {
      const taken = await this.queue.take(activityArnOf(activity), 55_000, signal);
      if (!taken) return undefined;
      const task = await this.store.executions.reserveTask(taken.id, 'bench');
      if (!task) {
        await taken.done();
        continue;
      }
      void this.store.executions.startTask(taken.id, 'bench').then(() => taken.done());
      return task;
    }
  }

  async succeed({ taskToken, input }: PendingTask): Promise<void> {
    const token = parseTaskToken(taskToken) ?? fail({ taskToken }, 'no token');
    const answer = await this.store.executions.settleTask(token, { type: 'succeeded', output: input }, randomUUID());
    if (answer !== 'accepted') fail({ taskToken, answer }, 'a result was not accepted');
  }

  async stop(): Promise<void> {
    this.#polling.abort();
    await Promise.all(this.#workers);
    await this.#engine?.stop();
    await this.queue.close();
    this.#connection.disconnect();
    await this.store.close();
  }

  /** The same store, but tells here which executions a commit has ended. */
  #watched(store: Store): Store {
    const { shards } = store;
    const commit: Store['shards']['commit'] = async (lease, batch) => {
      const outcome = await shards.commit(lease, batch);
      for (const { executionId: id, closed } of batch.writes) if (closed) this.#ended.get(id)?.();
      return outcome;
    };
    const watched = new Proxy(shards, {
      get: (target, name) => {
        if (name === 'commit') return commit;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { ...store, shards: watched };
  }
}
