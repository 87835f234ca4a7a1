import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, Refused } from './api-client.ts';
import type { Ledger } from './ledger.ts';

/** What a task asks of the worker. */
export interface Work {
  /** Names the piece of work, whatever the attempt. */
  readonly key: string;
  /** What it results in. */
  readonly value?: unknown;
  /** How many attempts fail before one succeeds. */
  readonly failures?: number;
  /** How long it takes. */
  readonly workMs?: number;
}

export interface WorkerOptions {
  readonly api: ApiClient;
  readonly ledger: Ledger;
  readonly activityArn: string;
  readonly name: string;
  readonly concurrency: number;
  readonly heartbeatMs: number;
}

/** The error of an attempt that was asked to fail. */
export const FLAKY = 'Flaky';

const PAUSE_MS = 100;

/** Polls and works until the signal aborts: an activity worker that keeps books of what was accepted from it. */
export async function runActivityWorker(options: WorkerOptions, stopped: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: options.concurrency }, () => poll(options, stopped)));
}

async function poll(options: WorkerOptions, stopped: AbortSignal): Promise<void> {
  const { api, activityArn, name } = options;
  while (!stopped.aborted) {
    try {
      const { taskToken, input } = await api.call('GetActivityTask', { activityArn, workerName: name }, stopped);
      if (typeof taskToken === 'string') await work(taskToken, JSON.parse(String(input)), options);
    } catch (error) {
      if (stopped.aborted) return;
      // Refused: the task was closed while it was worked on.
      if (!(error instanceof Refused)) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

async function work(taskToken: string, task: Work, { api, ledger, heartbeatMs }: WorkerOptions): Promise<void> {
  const heart = setInterval(() => {
    api.call('SendTaskHeartbeat', { taskToken }).catch(() => {});
  }, heartbeatMs);
  try {
    const attempt = await ledger.begin(taskToken, task.key);
    if (task.workMs) await sleep(task.workMs);
    const result = randomUUID();
    if (attempt <= (task.failures ?? 0)) {
      await api.call('SendTaskFailure', { taskToken, error: FLAKY, cause: result });
    } else {
      await api.call('SendTaskSuccess', { taskToken, output: JSON.stringify({ value: task.value ?? null, result }) });
    }
    await ledger.accept(taskToken, result);
  } finally {
    clearInterval(heart);
  }
}
