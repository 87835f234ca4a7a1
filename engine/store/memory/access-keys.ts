import type { AccessKey, RateLimit } from '../../../schemas/access-key.ts';
import type { AccessKeys, SignatureUse } from '../access-keys.ts';
import type { StoreClock } from './clock.ts';

/** A value that is gone after its time. */
interface Passing {
  readonly value: string;
  readonly untilMs: number;
}

export class MemoryAccessKeys implements AccessKeys {
  readonly #clock: StoreClock;
  /** As JSON texts, by id. */
  readonly #keys = new Map<string, string>();
  #changes = 0;
  readonly #buckets = new Map<string, { left: number; atMs: number }>();
  readonly #signatures = new Map<string, Passing>();
  readonly #sessions = new Map<string, Passing>();

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async create(key: AccessKey): Promise<boolean> {
    if (this.#keys.has(key.id)) return false;
    this.#keys.set(key.id, JSON.stringify(key));
    this.#changes += 1;
    return true;
  }

  async revoke(id: string): Promise<boolean> {
    const there = this.#keys.delete(id);
    if (there) this.#changes += 1;
    return there;
  }

  async list(known?: string) {
    const version = String(this.#changes);
    if (version === known) return undefined;
    return { keys: [...this.#keys.values()].map((text) => JSON.parse(text) as AccessKey), version };
  }

  async spend(keyId: string, { perSecond, burst }: RateLimit): Promise<number> {
    const now = this.#clock.now();
    const { left, atMs } = this.#buckets.get(keyId) ?? { left: burst, atMs: now };
    const filled = Math.min(burst, left + (Math.max(0, now - atMs) * perSecond) / 1000);
    const taken = filled >= 1;
    this.#buckets.set(keyId, { left: taken ? filled - 1 : filled, atMs: now });
    return taken ? 0 : Math.ceil(((1 - filled) * 1000) / perSecond);
  }

  async useSignature(signature: string, requestId: string, { forMs, sharedMs }: SignatureUse): Promise<boolean> {
    const now = this.#clock.now();
    const kept = this.#read(this.#signatures, signature);
    if (kept === undefined) this.#write(this.#signatures, signature, `${now} ${requestId}`, forMs);
    const [firstMs = now, user = requestId] = kept?.split(' ') ?? [];
    return user === requestId || now - Number(firstMs) < sharedMs;
  }

  async openSession(session: string, keyId: string, forMs: number): Promise<void> {
    this.#write(this.#sessions, session, keyId, forMs);
  }

  async session(session: string): Promise<string | undefined> {
    return this.#read(this.#sessions, session);
  }

  async closeSession(session: string): Promise<void> {
    this.#sessions.delete(session);
  }

  #write(values: Map<string, Passing>, name: string, value: string, forMs: number): void {
    const now = this.#clock.now();
    // Those that were written first are mostly over first.
    for (const [old, { untilMs }] of values) {
      if (untilMs > now) break;
      values.delete(old);
    }
    values.set(name, { value, untilMs: now + forMs });
  }

  #read(values: Map<string, Passing>, name: string): string | undefined {
    const found = values.get(name);
    if (!found) return undefined;
    if (found.untilMs > this.#clock.now()) return found.value;
    values.delete(name);
    return undefined;
  }
}
