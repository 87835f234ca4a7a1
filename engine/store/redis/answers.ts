import type { Redis } from 'ioredis';
import { type AnswerStore, CLAIM_MS, KEPT_MS, type KeptAnswer } from '../answers.ts';
import { pack, unpack } from './codec.ts';
import type { RegistryKeys } from './keys.ts';
import { call } from './scripts.ts';

/** Kept are `<fingerprint>\n<requestId>` of a request that is under way, `<fingerprint>\n\n<answer>` of one that is answered. */
export class RedisAnswers implements AnswerStore {
  readonly #redis: Redis;
  readonly #keys: RegistryKeys;

  constructor(redis: Redis, keys: RegistryKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async claim(key: string, fingerprint: string, requestId: string): Promise<'yours' | KeptAnswer> {
    const name = this.#keys.answer(key);
    const claim = `${fingerprint}\n${requestId}`;
    const taken = await call(this.#redis, 'SET', [name, claim, 'PX', CLAIM_MS, 'NX']);
    if (taken !== null) return 'yours';
    const kept = await call(this.#redis, 'GET', [name]);
    // It ended between the two.
    if (!Buffer.isBuffer(kept)) return this.claim(key, fingerprint, requestId);
    const text = unpack(kept);
    // Sent twice by a connection that was cut.
    return text === claim ? 'yours' : readKept(text);
  }

  async keep(key: string, fingerprint: string, answer: string): Promise<void> {
    await call(this.#redis, 'SET', [this.#keys.answer(key), pack(`${fingerprint}\n\n${answer}`), 'PX', KEPT_MS]);
  }

  async release(key: string): Promise<void> {
    await call(this.#redis, 'DEL', [this.#keys.answer(key)]);
  }
}

function readKept(text: string): KeptAnswer {
  const end = text.indexOf('\n');
  const fingerprint = text.slice(0, end);
  return text[end + 1] === '\n' ? { fingerprint, answer: text.slice(end + 2) } : { fingerprint };
}
