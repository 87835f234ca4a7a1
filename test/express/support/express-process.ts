import { setImmediate as turn } from 'node:timers/promises';
import type { LogSettings } from '../../../engine/express/execution-log.ts';
import {
  createExpressRunner,
  type ExpressOptions,
  type ExpressRunner,
  type ExpressStart,
} from '../../../engine/express/express-runner.ts';
import { AWS_LIMITS } from '../../../engine/interpreter/limits.ts';
import { createMemoryStore } from '../../../engine/store/memory.ts';
import { expressArn, parseArn } from '../../../schemas/arn.ts';
import type { ExecutionRecord } from '../../../schemas/execution.ts';
import type { Json, JsonObject } from '../../../schemas/json.ts';
import type { ExecutionId, PerformTask } from '../../../schemas/task.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:quick';
const SILENT: LogSettings = { level: 'OFF', includeExecutionData: false };

type Started = Extract<ExpressStart, { outcome: 'started' }>;

/** A process that runs Express executions on a clock that passes when told. */
export class ExpressProcess {
  readonly clock = new VirtualClock();
  readonly runner: ExpressRunner;
  readonly logged: { level: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly #store = createMemoryStore();
  #count = 0;

  constructor(perform: PerformTask = nobody, options: Partial<ExpressOptions> = {}) {
    const note = (level: string) => (fields: Readonly<Record<string, unknown>>) => {
      this.logged.push({ level, fields });
    };
    this.runner = createExpressRunner({
      registry: this.#store.registry,
      perform,
      limits: AWS_LIMITS,
      log: { info: note('info'), warn: note('warn'), error: note('error') },
      clock: this.clock,
      timeOfDay: () => this.clock.now(),
      ...options,
    });
  }

  async tryStart(definition: JsonObject, input: Json = {}, logging = SILENT): Promise<ExpressStart> {
    this.#count += 1;
    const name = `run-${this.#count}`;
    await this.#store.registry.createMachine({
      stateMachineArn: `${MACHINE}-${this.#count}`,
      name: `quick-${this.#count}`,
      type: 'EXPRESS',
      roleArn: 'arn:aws:iam::000000000000:role/r',
      revisionId: name,
      definition: JSON.stringify(definition),
      configuration: '{}',
    });
    const executionArn = expressArn(parseArn(MACHINE), 'quick', name, 'id');
    const record: Omit<ExecutionRecord, 'startMs'> = {
      executionId: name.padEnd(22, '0') as ExecutionId,
      executionArn,
      name,
      stateMachineArn: MACHINE,
      stateMachineName: 'quick',
      roleArn: 'arn:aws:iam::000000000000:role/r',
      revisionId: name,
      input: JSON.stringify(input),
      seed: name,
    };
    return this.runner.start(record, logging);
  }

  async start(definition: JsonObject, input: Json = {}, logging = SILENT): Promise<Started> {
    const begun = await this.tryStart(definition, input, logging);
    if (begun.outcome !== 'started') throw new Error(begun.outcome);
    return begun;
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 20; turns += 1) await turn();
  }

  /** Lets time pass until something has come to its end. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    await this.settle();
    while (!done && (await this.clock.step())) await this.settle();
    return watched;
  }

  /** How an execution ended, and how many milliseconds it took. */
  async run(definition: JsonObject, input: Json = {}, logging = SILENT) {
    const { startMs, ended } = await this.start(definition, input, logging);
    const { stopMs, ...state } = await this.finish(ended);
    return { ...state, tookMs: stopMs - startMs };
  }
}

const nobody: PerformTask = async () => ({ type: 'failed', error: 'NoTasksHere' });
