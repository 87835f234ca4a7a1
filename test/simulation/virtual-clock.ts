/** Time that passes only when told: the next timer's turn is the next instant. */
export class VirtualClock {
  #nowMs = Date.UTC(2026, 0, 1);
  #timers: { dueMs: number; order: number; call: () => void }[] = [];
  #order = 0;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, ms), order: this.#order, call };
    this.#order += 1;
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Goes to the next timer and calls it, after everything that is ready has run. False when there is none. */
  async step(): Promise<boolean> {
    await settled();
    let next = this.#timers[0];
    if (!next) return false;
    for (const timer of this.#timers) {
      if (timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) next = timer;
    }
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.call();
    await settled();
    return true;
  }
}

/** Promises settle on microtasks; all of them have run when an immediate does. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
