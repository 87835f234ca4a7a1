import { setTimeout as sleep } from 'node:timers/promises';

/** Nothing here takes so long: who waits longer waits for ever. Only a guard, so generous on a busy machine. */
export const HANG_MS = 120_000;
const POLL_MS = 20;

/** Asks again and again until the answer is there; it is waited for, never slept for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false> | T | undefined | false) {
  const limit = performance.now() + HANG_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > limit) throw new Error(`Waited in vain: ${what}`);
    await sleep(POLL_MS);
  }
}
