import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { redisOptions } from '../engine/store/redis/connect.ts';
import { closedLoop, type Load, type LoopResult } from './closed-loop.ts';
import { order } from './workload.ts';

/** BullMQ alone: what a task costs when nothing is kept of it and nobody times it. */
export class BullmqFloor {
  readonly #connection: Redis;
  readonly #queue: Queue;
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<string, () => void>();
  #added = 0;

  private constructor(url: string) {
    this.#connection = new Redis({ ...redisOptions(url), maxRetriesPerRequest: null });
    const connection = this.#connection;
    this.#queue = new Queue('floor', {
      connection,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    this.#workers = Array.from({ length: 8 }, () => {
      const worker = new Worker('floor', async () => ({ done: true }), { connection, concurrency: 8 });
      return worker.on('completed', ({ id = '' }) => this.#waiting.get(id)?.());
    });
  }

  static async start(url: string): Promise<BullmqFloor> {
    const floor = new BullmqFloor(url);
    await Promise.all([floor.#queue.waitUntilReady(), ...floor.#workers.map((worker) => worker.waitUntilReady())]);
    return floor;
  }

  /** One loop: add a job to an empty queue, have it fetched, have it completed. */
  run(load: Load): Promise<LoopResult> {
    return closedLoop(load, async () => {
      this.#added += 1;
      const jobId = `job-${this.#added}`;
      const completed = new Promise<void>((resolve) => this.#waiting.set(jobId, resolve));
      await this.#queue.add('task', order(this.#added), { jobId });
      await completed;
      this.#waiting.delete(jobId);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(true)));
    await this.#queue.close();
    this.#connection.disconnect();
  }
}
