import { queueName } from '../../schemas/resource.ts';
import type { PendingTask, TaskId } from '../../schemas/task.ts';
import type { PriorityOf, QueueStatistics, TakenTask, TaskQueue } from './queue.ts';
import { Waiters } from './waiters.ts';

interface Waiting {
  readonly id: TaskId;
  readonly note: string | undefined;
  readonly addedMs: number;
  /** 0 without one. */
  readonly priority: number;
}

/** One queue: tasks in order of arrival, and who waits for them.  */
interface Line {
  readonly waiting: Map<string, Waiting>;
  readonly held: Set<string>;
  /** Whether any task ever had one: without, adding is no search. */
  hasPriorities: boolean;
  readonly waiters: Waiters<TakenTask>;
}

/** A TaskQueue inside one process: for Express executions, the simulation and tests. */
export function createMemoryTaskQueue(priorityOf: PriorityOf = () => undefined): TaskQueue & QueueStatistics {
  const lines = new Map<string, Line>();
  let closed = false;

  const lineOf = (resource: string): Line => {
    const name = queueName(resource);
    const known = lines.get(name);
    if (known) return known;
    const line: Line = { waiting: new Map(), held: new Set(), hasPriorities: false, waiters: new Waiters() };
    lines.set(name, line);
    return line;
  };

  return {
    async add(tasks: readonly PendingTask[]): Promise<void> {
      for (const task of tasks) {
        const line = lineOf(task.resource);
        const key = keyOf(task.id);
        if (!line.held.has(key) && !line.waiting.has(key)) {
          const priority = priorityOf(task) ?? 0;
          line.hasPriorities ||= priority > 0;
          const waiting = { id: task.id, note: undefined, addedMs: performance.now(), priority };
          if (line.hasPriorities) insert(line, key, waiting, (other) => other > priority);
          else line.waiting.set(key, waiting);
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

    async depth(resource) {
      const waiting = [...lineOf(resource).waiting.values()];
      const now = performance.now();
      const oldestMs = waiting.reduce((oldest, { addedMs }) => Math.max(oldest, now - addedMs), 0);
      return { tasks: waiting.length, oldestMs: waiting.length === 0 ? undefined : oldestMs };
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

/** @param isLater whether tasks of another priority come after it */
function insert({ waiting }: Line, key: string, task: Waiting, isLater: (priority: number) => boolean): void {
  const later = [...waiting].filter(([, { priority }]) => isLater(priority));
  for (const [laterKey] of later) waiting.delete(laterKey);
  waiting.set(key, task);
  for (const [laterKey, each] of later) waiting.set(laterKey, each);
}

function hold(line: Line, key: string, { id, note, addedMs, priority }: Waiting): TakenTask {
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
      insert(line, key, { id, note: kept, addedMs, priority }, (other) => other >= priority);
      serve(line);
    },
  };
}
