import { queueName } from '../../../schemas/resource.ts';
import type { PendingTask } from '../../../schemas/task.ts';
import type { TakenTask } from '../queue.ts';
import { QueueReader } from './reader.ts';
import type { QueueContext } from './settings.ts';

/** The readers of the queues that somebody in this process waits on, or did a short while ago. */
export class Readers {
  readonly #context: QueueContext;
  readonly #open = new Map<string, QueueReader>();
  /** Idle at the last sweep: one that is idle at the next one too has been so for a whole interval. */
  #idle = new Set<QueueReader>();
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor(context: QueueContext, idleMs: number) {
    this.#context = context;
    this.#sweep = setInterval(() => this.#closeIdle(), idleMs);
    this.#sweep.unref();
  }

  async take(name: string, waitMs: number, signal: AbortSignal): Promise<TakenTask | undefined> {
    if (this.#closed) return undefined;
    const known = this.#open.get(name);
    const reader = known ?? new QueueReader(name, this.#context);
    if (!known) this.#open.set(name, reader);
    return reader.take(waitMs, signal);
  }

  /** These tasks have just been sent to their queues. */
  hint(tasks: readonly PendingTask[]): void {
    if (this.#open.size === 0) return;
    const counts = new Map<QueueReader, number>();
    for (const task of tasks) {
      const reader = this.#open.get(queueName(task.resource));
      if (reader) counts.set(reader, (counts.get(reader) ?? 0) + 1);
    }
    if (counts.size === 0) return;
    // BullMQ writes to the socket some microtasks after it was asked; the fetches must come after that.
    setImmediate(() => {
      for (const [reader, count] of counts) reader.hint(count);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    await Promise.all([...this.#open.values()].map((reader) => reader.close()));
  }

  #closeIdle(): void {
    const idle = [...this.#open].filter(([, reader]) => reader.idle);
    for (const [name, reader] of idle) {
      if (!this.#idle.has(reader)) continue;
      this.#open.delete(name);
      reader.close().catch(this.#context.onError);
    }
    this.#idle = new Set(idle.map(([, reader]) => reader));
  }
}
