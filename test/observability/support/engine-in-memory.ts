import { setTimeout as sleep } from 'node:timers/promises';
import { AWS_LIMITS, createEngine, TELEMETRY } from '../../../engine/index.ts';
import { executionId } from '../../../engine/store/execution-id.ts';
import { createMemoryStore } from '../../../engine/store/memory.ts';
import { createMemoryTaskQueue } from '../../../engine/tasks/memory.ts';
import type { ExecutionRecord } from '../../../schemas/execution.ts';
import type { HistoryEvent } from '../../../schemas/history.ts';
import { type PendingTask, parseTaskToken, type TaskResult } from '../../../schemas/task.ts';

const SCOPE = 'us-east-1:000000000000';
const machineArn = (name: string): string => `arn:aws:states:${SCOPE}:stateMachine:${name}`;
export const activity = (name: string): string => `arn:aws:states:${SCOPE}:activity:${name}`;

export type Handle = (task: PendingTask) => TaskResult | undefined;

/** An engine over a store in memory, with workers for activities. */
export class EngineInMemory {
  readonly store = createMemoryStore({ shards: 2 });
  readonly queue = createMemoryTaskQueue();
  /** Lines that were logged. */
  readonly logged: { fields: object; message: string }[] = [];
  readonly #stopping = new AbortController();
  readonly #note = (fields: object, message: string): void => {
    this.logged.push({ fields, message });
  };
  readonly #engine = createEngine({
    store: this.store,
    queue: this.queue,
    owner: 'engine',
    limits: AWS_LIMITS,
    leaseMs: 10_000,
    log: { info: this.#note, warn: this.#note, error: this.#note },
  });

  static async start(): Promise<EngineInMemory> {
    const engine = new EngineInMemory();
    await engine.#engine.start();
    return engine;
  }

  /** Answers the tasks of an activity; one that is answered with nothing stays open. */
  work(name: string, handle: Handle): void {
    void this.#workFor(activity(name), handle);
  }

  async #workFor(resource: string, handle: Handle): Promise<void> {
    for (;;) {
      const taken = await this.queue.take(resource, 60_000, this.#stopping.signal);
      if (!taken) return;
      const task = await this.store.executions.reserveTask(taken.id, 'worker');
      await this.store.executions.startTask(taken.id, 'worker');
      await taken.done();
      const result = task && handle(task);
      const token = task && parseTaskToken(task.taskToken);
      if (result && token) await this.store.executions.settleTask(token, result, task.taskToken);
    }
  }

  /** Starts an execution of a machine of that name and definition; answers its ARN. */
  async start(name: string, definition: object, more: Partial<ExecutionRecord> = {}): Promise<string> {
    const stateMachineArn = machineArn(name);
    const roleArn = 'arn:aws:iam::000000000000:role/r';
    await this.store.registry.createMachine({
      stateMachineArn,
      name,
      type: 'STANDARD',
      roleArn,
      revisionId: name,
      definition: JSON.stringify(definition),
      configuration: '{}',
    });
    const executionArn = `arn:aws:states:${SCOPE}:execution:${name}:run`;
    const record = {
      executionId: executionId(executionArn),
      executionArn,
      name: 'run',
      stateMachineArn,
      stateMachineName: name,
      roleArn,
      revisionId: name,
      input: '{}',
      seed: 'seed',
      ...more,
    };
    await this.store.executions.start(record, executionArn);
    return executionArn;
  }

  /** Starts an execution and waits until its end was told. */
  async run(name: string, definition: object, more: Partial<ExecutionRecord> = {}): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = TELEMETRY.executionClosed.listen(({ stateMachineName }) => {
      if (stateMachineName === name) resolve();
    });
    const executionArn = await this.start(name, definition, more);
    await Promise.race([promise, sleep(10_000, undefined, { signal: this.#stopping.signal })]);
    stop();
    return executionArn;
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const page = await this.store.executions.history(executionArn, { start: 0, limit: 10_000, reverse: false });
    return (page?.events ?? []).map((text) => JSON.parse(text) as HistoryEvent);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#engine.stop();
    await this.queue.close();
    await this.store.close();
  }
}
