import type { Lease } from '../store/store.ts';
import { repeat } from './clock.ts';
import type { Courier } from './courier.ts';
import { Retention } from './retention.ts';
import type { ShardPorts } from './shard-ports.ts';

/** Timers that one call moves to the inbox. */
const FIRE_LIMIT = 500;
/** Tasks that one sweep puts into their queues again. */
const SWEEP_LIMIT = 500;
const SWEEP_MS = 2000;
const EXPIRE_MS = 60_000;
/** A timer far away is looked for again after this time at the latest: a clock's timers have a limit of their own. */
const LONGEST_WAIT_MS = 3_600_000;
const RETRY_MS = 1000;

/** What a shard's owner does by the clock: fires timers, sweeps the outbox, has notices sent, removes what has expired. */
export class Timekeeper {
  readonly #lease: Lease;
  readonly #ports: Pick<ShardPorts, 'store' | 'queue' | 'archive' | 'log' | 'clock'>;
  readonly #courier: Pick<Courier, 'send'>;
  readonly #retention: Retention;
  #callOff = () => {};
  #timerDue = Number.POSITIVE_INFINITY;
  #firing = false;
  #sweeps: { stop(): Promise<void> }[] = [];
  #stopped = false;

  constructor(
    lease: Lease,
    ports: Pick<ShardPorts, 'store' | 'queue' | 'archive' | 'log' | 'clock'>,
    courier: Pick<Courier, 'send'>,
  ) {
    this.#lease = lease;
    this.#ports = ports;
    this.#courier = courier;
    this.#retention = new Retention(lease, ports);
  }

  start(): void {
    this.expect(0);
    const { clock } = this.#ports;
    void this.#sweep();
    void this.#retention.sweep();
    this.#sweeps = [
      repeat(clock, SWEEP_MS, () => this.#sweep()),
      repeat(clock, EXPIRE_MS, () => this.#retention.sweep()),
    ];
  }

  stop(): void {
    this.#stopped = true;
    this.#retention.stop();
    this.#callOff();
    for (const sweep of this.#sweeps) void sweep.stop();
  }

  /** A timer is due in so many milliseconds: wakes then, or earlier when an earlier one is known. */
  expect(inMs: number): void {
    const { clock } = this.#ports;
    const waitMs = Math.ceil(Math.min(Math.max(inMs, 0), LONGEST_WAIT_MS));
    const due = clock.now() + waitMs;
    if (this.#stopped || due >= this.#timerDue) return;
    this.#callOff();
    this.#timerDue = due;
    this.#callOff = clock.after(waitMs, () => void this.#fire());
  }

  async #fire(): Promise<void> {
    this.#timerDue = Number.POSITIVE_INFINITY;
    // A call on its way sees what is due now as well, or tells when it is.
    if (this.#firing || this.#stopped) return;
    this.#firing = true;
    let nextInMs: number | undefined;
    try {
      let fired: number;
      do ({ fired, nextInMs } = await this.#ports.store.fireTimers(this.#lease, FIRE_LIMIT));
      while (fired >= FIRE_LIMIT && !this.#stopped);
    } catch (error) {
      nextInMs = RETRY_MS;
      this.#complain(error, 'timers could not be fired');
    }
    this.#firing = false;
    if (nextInMs !== undefined) this.expect(nextInMs);
  }

  async #sweep(): Promise<void> {
    void this.#courier.send();
    try {
      const tasks = await this.#ports.store.dueOutbox(this.#lease, SWEEP_LIMIT);
      if (tasks.length > 0 && !this.#stopped) await this.#ports.queue.add(tasks);
    } catch (error) {
      this.#complain(error, 'the outbox could not be swept');
    }
  }

  #complain(error: unknown, message: string): void {
    if (!this.#stopped) this.#ports.log.warn({ shard: this.#lease.shard, err: error }, message);
  }
}
