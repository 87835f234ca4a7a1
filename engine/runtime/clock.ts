/** The runtime's sense of time, so that tests and simulations can have another. It only measures waits: instants are the store's. */
export interface Clock {
  /** Milliseconds that only go forward, from any beginning. */
  now(): number;
  /** Calls once after so many milliseconds. Returns how to call that off. */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

/** Does something again and again, with so many milliseconds between the end of one and the beginning of the next. */
export function repeat(clock: Clock, ms: number, work: () => Promise<void>): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let callOff = clock.after(ms, turn);
  function turn(): void {
    running = work().finally(() => {
      if (!stopped) callOff = clock.after(ms, turn);
    });
  }
  return {
    stop() {
      stopped = true;
      callOff();
      return running;
    },
  };
}
