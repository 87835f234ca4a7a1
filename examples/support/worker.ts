import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';

/** The whole of what an activity worker does, on the plain AWS SDK: ask for a task, work, answer. */

/** What to throw for a failure that the definition knows: `ErrorEquals` in Retry and Catch compares this name. */
export class TaskError extends Error {
  /** @param cause what happened, in words: the history and the execution show it */
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/** The error that workers answer with when they fail in a way that nobody foresaw. Worth another attempt. */
export const UNAVAILABLE = 'ServiceUnavailable';

export interface Task {
  /** Names this one attempt. Whoever has it may answer, from any process. */
  readonly token: string;
  /** Aborted when the task was given up: it timed out, or its execution was stopped. Work on it is in vain. */
  readonly signal: AbortSignal;
}

/** Does the work of one task. What it resolves to is the output; what it throws is the failure. */
export type Handler<Input> = (input: Input, task: Task) => unknown;

export interface WorkerOptions<Input> {
  readonly client: SFNClient;
  /** Name of the activity, the last part of its ARN. It is created when it does not exist. */
  readonly activity: string;
  readonly handler: Handler<Input>;
  /** Shown in the history as the one that had the task. */
  readonly name?: string;
  /** Tasks that it works on at a time; each has a poll of its own. Default 1. */
  readonly concurrency?: number;
  /** Milliseconds between signs of life; well below the HeartbeatSeconds of the state. Default 1000. */
  readonly heartbeatMs?: number;
  /** Told of what the worker survives: a server that is away, an answer that came too late. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface Worker {
  readonly activityArn: string;
  /** Takes no more tasks and resolves when those that it has are answered. */
  stop(): Promise<void>;
}

/** Polls for the tasks of one activity until it is stopped. */
export async function startWorker<Input>(options: WorkerOptions<Input>): Promise<Worker> {
  // CreateActivity is idempotent: whoever comes first creates it, the others learn its ARN.
  const { activityArn } = await options.client.send(new CreateActivityCommand({ name: options.activity }));
  if (!activityArn) throw new Error(`The server gave the activity ${options.activity} no ARN`);
  const stopping = new AbortController();
  const polls = Array.from({ length: options.concurrency ?? 1 }, () => poll(activityArn, options, stopping.signal));
  return {
    activityArn,
    stop: async () => {
      stopping.abort();
      await Promise.all(polls);
    },
  };
}

const PAUSE_MS = 250;

async function poll<Input>(activityArn: string, options: WorkerOptions<Input>, stopping: AbortSignal): Promise<void> {
  const { client, name, onTrouble } = options;
  while (!stopping.aborted) {
    try {
      // Answers when there is a task, or without one after about a minute. Closing the connection ends the wait.
      const request = new GetActivityTaskCommand({ activityArn, ...(name ? { workerName: name } : {}) });
      const { taskToken, input } = await client.send(request, { abortSignal: stopping });
      if (taskToken) await work(taskToken, input ?? '{}', options);
    } catch (error) {
      if (stopping.aborted) return;
      onTrouble?.(error);
      await sleep(PAUSE_MS, undefined, { signal: stopping }).catch(() => {});
    }
  }
}

/** One task, from its input to its answer. */
async function work<Input>(taskToken: string, text: string, options: WorkerOptions<Input>): Promise<void> {
  const { client, handler, heartbeatMs = 1000, onTrouble } = options;
  const closed = new AbortController();
  const onRefused = (error: unknown): void => {
    if (isClosed(error)) closed.abort();
    onTrouble?.(error);
  };
  // While it lives, the task is this worker's. When it dies, HeartbeatSeconds later the state fails with a timeout,
  // and its Retry gives the task to another worker.
  const heart = setInterval(() => {
    client.send(new SendTaskHeartbeatCommand({ taskToken })).catch(onRefused);
  }, heartbeatMs);
  try {
    const result = await attempt(handler, text, { token: taskToken, signal: closed.signal });
    // A result that cannot be delivered is no failure of the task: it stays open, times out and is done again.
    await ('failure' in result
      ? client.send(new SendTaskFailureCommand({ taskToken, ...result.failure }))
      : client.send(new SendTaskSuccessCommand({ taskToken, output: result.output })));
  } catch (error) {
    onRefused(error);
  } finally {
    clearInterval(heart);
  }
}

type Result = { readonly output: string } | { readonly failure: { readonly error: string; readonly cause: string } };

async function attempt<Input>(handler: Handler<Input>, text: string, task: Task): Promise<Result> {
  try {
    const input: Input = JSON.parse(text);
    return { output: JSON.stringify((await handler(input, task)) ?? null) };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { failure: { error: error instanceof TaskError ? error.name : UNAVAILABLE, cause } };
  }
}

/** The answer came too late: the task has timed out, or was answered, or its execution has ended. */
const isClosed = (error: unknown): boolean =>
  error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;

/** One worker for each activity of a table. `stop` ends them all. */
export async function startWorkers<Input>(
  handlers: Readonly<Record<string, Handler<Input>>>,
  options: Omit<WorkerOptions<Input>, 'activity' | 'handler'>,
): Promise<{ readonly activityArns: readonly string[]; stop(): Promise<void> }> {
  const workers = await Promise.all(
    Object.entries(handlers).map(([activity, handler]) => startWorker({ ...options, activity, handler })),
  );
  return {
    activityArns: workers.map(({ activityArn }) => activityArn),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
