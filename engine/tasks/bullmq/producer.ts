import { Queue } from 'bullmq';
import { queueName } from '../../../schemas/resource.ts';
import type { PendingTask } from '../../../schemas/task.ts';
import type { PriorityOf } from '../queue.ts';
import { formatJobId } from './job-id.ts';
import { bullmqQueueName, type JobData, type QueueContext } from './settings.ts';

/** Queue objects kept at a time: each costs some kilobytes and three listeners on the connection. */
const MAX_QUEUES = 256;

/** How many entries Redis keeps of a queue's event stream, which nothing reads. */
const MAX_EVENTS = 100;

const NO_DATA: JobData = {};

/** Puts tasks into their BullMQ queues. */
export class Producer {
  readonly #context: QueueContext;
  /** Least recently used first. */
  readonly #queues = new Map<string, Queue<JobData>>();

  readonly #priorityOf: PriorityOf;

  constructor(context: QueueContext, priorityOf: PriorityOf = () => undefined) {
    this.#context = context;
    this.#priorityOf = priorityOf;
  }

  /**
   * One script per task, all written to the socket in one go. Not `addBulk`: its pipeline breaks when Redis has
   * forgotten the script (SCRIPT FLUSH), and costs more because ioredis copies every known script onto each pipeline.
   */
  async add(tasks: readonly PendingTask[]): Promise<void> {
    await Promise.all(tasks.map((task) => this.#addOne(task)));
  }

  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(queues.map((queue) => queue.close()));
  }

  #addOne(task: PendingTask): Promise<unknown> {
    const priority = this.#priorityOf(task);
    const jobId = formatJobId(task.id);
    const options = priority === undefined ? { jobId } : { jobId, priority };
    return this.#queue(queueName(task.resource)).add('task', NO_DATA, options);
  }

  #queue(name: string): Queue<JobData> {
    const known = this.#queues.get(name);
    if (known) this.#queues.delete(name);
    const queue = known ?? this.#open(name);
    this.#queues.set(name, queue);
    if (this.#queues.size > MAX_QUEUES) this.#closeOldest();
    return queue;
  }

  #open(name: string): Queue<JobData> {
    const { connection, prefix, onError } = this.#context;
    const queue = new Queue<JobData>(bullmqQueueName(name), {
      connection,
      prefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: MAX_EVENTS } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    queue.on('error', onError);
    return queue;
  }

  /** The connection is shared and stays, so what this queue has in flight still arrives. */
  #closeOldest(): void {
    const [oldest] = this.#queues;
    if (!oldest) return;
    this.#queues.delete(oldest[0]);
    oldest[1].close().catch(this.#context.onError);
  }
}
