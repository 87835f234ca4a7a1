/** Deadlines closer together than this are served by one timer. */
const TIMER_GRAIN_MS = 10;

interface Waiter<T> {
  readonly deadlineMs: number;
  readonly settle: (value: T | undefined) => void;
}

/**
 * Callers that wait in line for something to be handed to them. However many wait, one timer watches
 * their deadlines: thousands of idle polls are the normal case.
 */
export class Waiters<T> {
  readonly #line = new Set<Waiter<T>>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#line.size;
  }

  /** Joins the line. Undefined after `waitMs`, when the signal aborts, and when the line is dissolved. */
  wait(waitMs: number, signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = () => waiter.settle(undefined);
      const waiter: Waiter<T> = {
        deadlineMs: performance.now() + waitMs,
        settle: (value) => {
          this.#line.delete(waiter);
          signal.removeEventListener('abort', leave);
          if (this.#line.size === 0) this.#disarm();
          resolve(value);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#line.add(waiter);
      this.#arm(waiter.deadlineMs);
    });
  }

  /** Hands the value to who waits longest; false when nobody waits. */
  hand(value: T): boolean {
    const [first] = this.#line;
    first?.settle(value);
    return first !== undefined;
  }

  /** Everybody gets undefined. */
  dissolve(): void {
    for (const waiter of [...this.#line]) waiter.settle(undefined);
  }

  #arm(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, dueMs - performance.now()));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }

  #expire(): void {
    this.#disarm();
    const limit = performance.now() + TIMER_GRAIN_MS;
    let next = Number.POSITIVE_INFINITY;
    for (const waiter of [...this.#line]) {
      if (waiter.deadlineMs <= limit) waiter.settle(undefined);
      else next = Math.min(next, waiter.deadlineMs);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
}
