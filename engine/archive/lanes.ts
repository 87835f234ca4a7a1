/**
 * Does so many things at a time; others wait for their turn.
 *
 * @param mostWaiting how many may wait; one more is refused with an Error
 */
export function createLanes(atATime: number, mostWaiting = Number.POSITIVE_INFINITY) {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async function inLane<T>(work: () => Promise<T>): Promise<T> {
    if (busy < atATime) busy += 1;
    else if (waiting.length >= mostWaiting) throw new Error('too much is asked of it at a time');
    // Who ends hands its lane over.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    }
  };
}
