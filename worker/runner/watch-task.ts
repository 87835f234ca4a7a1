import type { PendingTask } from '../../schemas/task.ts';
import type { TokenAnswer } from './ports.ts';

/** How often a running task is looked at: what timed out or was stopped is cut off after that long. */
const WATCH_MS = 5_000;

export interface TaskWatch {
  /** Aborts when the task was closed while it ran: it timed out, or its execution ended. */
  readonly unwanted: AbortSignal;
  end(): void;
}

/**
 * Sends heartbeats while a task runs, and learns from the answers whether it is still wanted. Not for tasks that wait for
 * their token: their heartbeats are for whoever holds it.
 */
export function watchTask(task: PendingTask, heartbeat: () => Promise<TokenAnswer>): TaskWatch {
  const unwanted = new AbortController();
  if (task.resource.endsWith('.waitForTaskToken')) return { unwanted: unwanted.signal, end: () => {} };
  const periodMs = Math.min(WATCH_MS, ((task.heartbeatSeconds ?? Number.POSITIVE_INFINITY) * 1000) / 3);
  const beat = async () => {
    const answer = await heartbeat().catch(() => undefined);
    if (answer === 'closed' || answer === 'unknown') unwanted.abort();
  };
  const timer = setInterval(() => void beat(), periodMs);
  return { unwanted: unwanted.signal, end: () => clearInterval(timer) };
}
