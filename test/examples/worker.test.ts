import { randomUUID } from 'node:crypto';
import {
  CreateStateMachineCommand,
  SendTaskHeartbeatCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../examples/support/client.ts';
import { awaitExecution, type Ended } from '../../examples/support/machine.ts';
import { startWorker, TaskError, type Worker, type WorkerOptions } from '../../examples/support/worker.ts';
import { useSystem } from './support/system.ts';

const system = useSystem();

/** A worker, and an execution whose only state is its task. */
async function work(options: Omit<WorkerOptions<unknown>, 'client' | 'activity'>, client: SFNClient = system.client) {
  const activity = `activity-${randomUUID()}`;
  const worker = await startWorker({ client, activity, heartbeatMs: 100, ...options });
  onTestFinished(() => worker.stop());
  return { worker, ...(await start(worker)) };
}

async function start({ activityArn: Resource }: Worker): Promise<{ executionArn: string; ended: Promise<Ended> }> {
  const task = { Type: 'Task', Resource, HeartbeatSeconds: 1, TimeoutSeconds: 60, End: true };
  const definition = JSON.stringify({ StartAt: 'Work', States: { Work: task } });
  const machine = { name: randomUUID(), definition, roleArn: 'arn:aws:iam::000000000000:role/test' };
  const { stateMachineArn } = await system.client.send(new CreateStateMachineCommand(machine));
  const request = new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' });
  const { executionArn = '' } = await system.client.send(request);
  return { executionArn, ended: awaitExecution(system.client, executionArn) };
}

describe('a handler', () => {
  test('gets the input and gives the output', async () => {
    const { ended } = await work({ handler: (input) => ({ got: input }), name: 'the worker' });
    const { output, events } = await ended;
    expect(output).toEqual({ got: { n: 1 } });
    const started = events.find(({ type }) => type === 'ActivityStarted');
    expect(started?.activityStartedEventDetails?.workerName).toBe('the worker');
  });

  test('that returns nothing gives null', async () => {
    const { ended } = await work({ handler: () => {} });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED', output: null });
  });

  test('that throws a TaskError fails under its name', async () => {
    const handler = () => {
      throw new TaskError('OutOfStock', 'none left');
    };
    const { ended } = await work({ handler });
    expect(await ended).toMatchObject({ status: 'FAILED', error: 'OutOfStock', cause: 'none left' });
  });

  test('that throws anything else is unavailable, worth another attempt', async () => {
    const { ended } = await work({ handler: () => Promise.reject(new TypeError('oh')) });
    expect(await ended).toMatchObject({ status: 'FAILED', error: 'ServiceUnavailable', cause: 'oh' });
  });

  test('may take longer than the heartbeat of the state', async () => {
    const beats = Promise.withResolvers<void>();
    let count = 0;
    const client = createClient(system.endpoint);
    onTestFinished(() => client.destroy());
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName === SendTaskHeartbeatCommand.name) count += 1;
        // A tenth of a second apart: well over the second that the state allows between two.
        if (count > 15) beats.resolve();
        return next(args);
      },
      { step: 'initialize' },
    );
    const { ended } = await work({ handler: () => beats.promise }, client);
    expect((await ended).status).toBe('SUCCEEDED');
  });

  test('hears when its task was given up, and its answer is dropped', async () => {
    const troubles: string[] = [];
    const onTrouble = (error: unknown) => troubles.push(error instanceof Error ? error.name : 'unknown');
    const began = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const { worker, executionArn, ended } = await work({
      onTrouble,
      handler: (_input, { signal }) => {
        signal.addEventListener('abort', () => closed.resolve());
        began.resolve();
        return closed.promise;
      },
    });
    await began.promise;
    await system.client.send(new StopExecutionCommand({ executionArn }));
    await closed.promise;
    expect((await ended).status).toBe('ABORTED');
    await worker.stop();
    expect(new Set(troubles)).toEqual(new Set(['TaskTimedOut']));
    expect(troubles.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a worker', () => {
  test('that is stopped finishes what it has and takes no more', async () => {
    const [began, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    const handler = () => {
      began.resolve();
      return finish.promise;
    };
    const { worker, ended } = await work({ handler });
    await began.promise;
    const stopped = worker.stop();
    const later = await start(worker);
    finish.resolve('done');
    await stopped;
    expect((await ended).output).toBe('done');
    const other = await startWorker({
      client: system.client,
      activity: worker.activityArn.slice(worker.activityArn.lastIndexOf(':') + 1),
      handler: () => 'by the other',
    });
    onTestFinished(() => other.stop());
    expect((await later.ended).output).toBe('by the other');
  });

  test('does as many tasks at a time as it is allowed', async () => {
    let open = 0;
    const all = Promise.withResolvers<void>();
    const handler = () => {
      open += 1;
      if (open === 3) all.resolve();
      return all.promise;
    };
    const { worker, ended } = await work({ handler, concurrency: 3 });
    const others = await Promise.all([start(worker), start(worker)]);
    const statuses = (await Promise.all([ended, ...others.map((other) => other.ended)])).map(({ status }) => status);
    expect(statuses).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  });
});
