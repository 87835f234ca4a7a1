import { parseWaiter, type Waiter } from '../../schemas/task.ts';
import type { Lease, Notice } from '../store/store.ts';
import { resultOf } from './ended-execution.ts';
import type { ShardPorts } from './shard-ports.ts';

/** Notices that are sent at a time. */
const LIMIT = 100;

type CourierPorts = Pick<ShardPorts, 'store' | 'executions' | 'announcer' | 'log'>;

/**
 * Tells other shards, and webhooks, what was decided in this one: that an execution has ended for which a task waits, or that one is to stop
 * for which none waits any more. It also finds out whether the task for which an execution was started has ended before it knew
 * of it: who told it may have died on the way. A notice stays with the shard until it was heard, so it is sent once or again; to hear it twice is
 * harmless.
 */
export class Courier {
  readonly #lease: Lease;
  readonly #ports: CourierPorts;
  #sending = false;
  #more = false;
  #stopped = false;

  constructor(lease: Lease, ports: CourierPorts) {
    this.#lease = lease;
    this.#ports = ports;
  }

  /** Sends what is due. What does not get there has another turn later. */
  async send(): Promise<void> {
    this.#more = true;
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#more && !this.#stopped) {
        this.#more = false;
        await this.#sendSome();
      }
    } catch (error) {
      if (!this.#stopped) this.#ports.log.warn({ shard: this.#lease.shard, err: error }, 'notices could not be sent');
    }
    this.#sending = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #sendSome(): Promise<void> {
    const { store } = this.#ports;
    const notices = await store.dueNotices(this.#lease, LIMIT);
    if (notices.length === LIMIT) this.#more = true;
    const heard = await Promise.allSettled(notices.map((notice) => this.#tell(notice)));
    const told = notices.filter((_notice, index) => isDone(heard[index])).map(({ id }) => id);
    if (told.length > 0) await store.removeNotices(this.#lease, told);
    const failed = heard.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Answers whether that is done. What has ended meanwhile need not hear anything. */
  async #tell(notice: Notice): Promise<boolean> {
    const { executions, announcer } = this.#ports;
    switch (notice.type) {
      case 'ended':
        await Promise.all(notice.waiters.map((waiter) => this.#settle(waiter, notice)));
        return true;
      case 'started': {
        const submission = await executions.submissionOf(read(notice.waiter).token);
        if (submission === 'closed') await executions.stop(notice.executionArn, {});
        return submission !== 'open';
      }
      case 'changed':
        await announcer.deliver(notice);
        return true;
      case 'stop':
        await executions.stop(notice.executionArn, {});
        return true;
    }
  }

  async #settle(waiter: Waiter, { id, execution }: Extract<Notice, { type: 'ended' }>): Promise<void> {
    const { token, parsed } = read(waiter);
    await this.#ports.executions.settleTask(token, resultOf(execution, parsed), `${id}|${waiter}`, 'submitted');
  }
}

const isDone = (answer: PromiseSettledResult<boolean> | undefined): boolean =>
  answer?.status === 'fulfilled' && answer.value;

function read(waiter: Waiter): NonNullable<ReturnType<typeof parseWaiter>> {
  const parts = parseWaiter(waiter);
  if (!parts) throw new Error(`${waiter} waits for an execution, but is no task`);
  return parts;
}
