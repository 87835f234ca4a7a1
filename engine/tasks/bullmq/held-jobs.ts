import type { Job, Worker } from 'bullmq';
import type { JobData, QueueContext } from './settings.ts';

/**
 * The jobs of one queue that callers of this process hold. While there are any, their locks are extended, so that
 * only a process that died (or hangs) loses them.
 */
export class HeldJobs {
  readonly #worker: Worker<JobData>;
  readonly #context: QueueContext;
  readonly #jobs = new Set<Job<JobData>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(worker: Worker<JobData>, context: QueueContext) {
    this.#worker = worker;
    this.#context = context;
  }

  get size(): number {
    return this.#jobs.size;
  }

  add(job: Job<JobData>): void {
    this.#jobs.add(job);
    this.#timer ??= setInterval(() => this.#extend(), this.#context.lockMs / 3);
  }

  /** False when the job was let go before. */
  remove(job: Job<JobData>): boolean {
    const held = this.#jobs.delete(job);
    if (this.#jobs.size === 0) this.close();
    return held;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #extend(): void {
    const ids = [...this.#jobs].map((job) => job.id ?? '');
    const tokens = [...this.#jobs].map((job) => job.token ?? '');
    // A lock that is gone cannot be extended: the job is somebody else's then, and the store will tell who is right.
    this.#worker.extendJobLocks(ids, tokens, this.#context.lockMs).catch(this.#context.onError);
  }
}
