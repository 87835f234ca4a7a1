import { type AnswerStore, CLAIM_MS, KEPT_MS, type KeptAnswer } from '../answers.ts';
import type { StoreClock } from './clock.ts';

interface Kept extends KeptAnswer {
  readonly requestId: string;
  readonly untilMs: number;
}

export class MemoryAnswers implements AnswerStore {
  readonly #clock: StoreClock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async claim(key: string, fingerprint: string, requestId: string): Promise<'yours' | KeptAnswer> {
    const now = this.#clock.now();
    for (const [old, { untilMs }] of this.#kept) if (untilMs <= now) this.#kept.delete(old);
    const kept = this.#kept.get(key);
    if (kept && kept.requestId !== requestId) {
      const { answer } = kept;
      return { fingerprint: kept.fingerprint, ...(answer !== undefined && { answer }) };
    }
    this.#kept.set(key, { fingerprint, requestId, untilMs: now + CLAIM_MS });
    return 'yours';
  }

  async keep(key: string, fingerprint: string, answer: string): Promise<void> {
    this.#kept.set(key, { fingerprint, answer, requestId: '', untilMs: this.#clock.now() + KEPT_MS });
  }

  async release(key: string): Promise<void> {
    this.#kept.delete(key);
  }
}
