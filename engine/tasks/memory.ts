import { queueName } from '../../schemas/resource.ts';
import type { PendingTask, TaskId } from '../../schemas/task.ts';
import type { TakenTask, TaskQueue } from './queue.ts';
import { Waiters } from './waiters.ts';

interface Waiting {
  readonly id: TaskId;
  readonly note: string | undefined;
}

/** One queue: tasks in order of arrival, and who waits for them.  */
interface Line {
  readonly waiting: Map<string, Waiting>;
  readonly held: Set<string>;
  readonly waiters: Waiters<TakenTask>;
}

/** A TaskQueue inside one process: for Express executions, the simulation and tests. */
export function createMemoryTaskQueue(): TaskQueue {
  const lines = new Map<string, Line>();
  let closed = false;

  const lineOf = (resource: string): Line => {
    const name = queueName(resource);
    const known = lines.get(name);
    if (known) return known;
    const line: Line = { waiting: new Map(), held: new Set(), waiters: new Waiters() };
    lines.set(name, line);
    return line;
  };

  return {
    async add(tasks: readonly PendingTask[]): Promise<void> {
      for (const task of tasks) {
        const line = lineOf(task.resource);
        const key = keyOf(task.id);
        if (!line.held.has(key) && !line.waiting.has(key)) {
          line.waiting.set(key, { id: task.id, note: undefined });
        }
      }
      for (const line of lines.values()) serve(line);
    },

    async take(resource, waitMs, signal) {
      if (closed) return undefined;
      const line = lineOf(resource);
      const taken = line.waiters.wait(waitMs, signal);
      serve(line);
      return taken;
    },

    async close(): Promise<void> {
      closed = true;
      for (const line of lines.values()) line.waiters.dissolve();
    },
  };
}

const keyOf = (id: TaskId): string => `${id.executionId}-${id.visit}`;

/** Hands out while there are both tasks and callers. */
function serve(line: Line): void {
  for (const [key, task] of line.waiting) {
    if (line.waiters.size === 0) return;
    line.waiting.delete(key);
    line.held.add(key);
    line.waiters.hand(hold(line, key, task));
  }
}

function hold(line: Line, key: string, { id, note }: Waiting): TakenTask {
  let kept = note;
  return {
    id,
    note,
    async keep(text) {
      kept = text;
    },
    async done() {
      line.held.delete(key);
    },
    async giveBack() {
      if (!line.held.delete(key)) return;
      const later = [...line.waiting];
      line.waiting.clear();
      line.waiting.set(key, { id, note: kept });
      for (const [laterKey, task] of later) line.waiting.set(laterKey, task);
      serve(line);
    },
  };
}
