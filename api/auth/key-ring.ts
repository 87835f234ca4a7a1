import { setTimeout as delay } from 'node:timers/promises';
import type { AccessKeys } from '../../engine/store/access-keys.ts';
import type { AccessKey } from '../../schemas/access-key.ts';
import type { Log } from '../operation.ts';
import type { Seal } from './seal.ts';

/** A key with its secret; undefined when the key is for bearer tokens alone, or the secret cannot be read here. */
export interface HeldKey {
  readonly key: AccessKey;
  readonly secret: string | undefined;
}

/** After so long the keys are read anew beside a request, and after so long before one: that is when a revocation is known at the latest. */
const RENEW_MS = 2000;
const STALE_MS = 4000;
/** An unknown key may have been made just now, so it is looked for. Whoever makes ids up gets one read for all in that time. */
const PAUSE_MS = 50;

/**
 * All access keys, in memory: requests need no round trip for them. A few hundred bytes a key; they are read again only when
 * one was created or revoked.
 */
export class KeyRing {
  readonly #store: Pick<AccessKeys, 'list'>;
  readonly #seal: Seal | undefined;
  readonly #log: Log;
  #held: ReadonlyMap<string, HeldKey> = new Map();
  #version: string | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(store: Pick<AccessKeys, 'list'>, seal: Seal | undefined, log: Log) {
    this.#store = store;
    this.#seal = seal;
    this.#log = log;
  }

  /** Whether there is no key at all. @throws StoreUnavailable */
  async isEmpty(): Promise<boolean> {
    await this.#fresh();
    return this.#held.size === 0;
  }

  /** @throws StoreUnavailable */
  async find(id: string): Promise<HeldKey | undefined> {
    await this.#fresh();
    if (!this.#held.has(id)) await this.#renew();
    return this.#held.get(id);
  }

  async #fresh(): Promise<void> {
    const age = performance.now() - this.#readMs;
    if (age > STALE_MS) return this.#renew();
    if (age > RENEW_MS) {
      this.#renew().catch((error: unknown) => this.#log.warn({ err: error }, 'access keys could not be read again'));
    }
  }

  #renew(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const age = performance.now() - this.#readMs;
    if (age < PAUSE_MS) await delay(PAUSE_MS - age);
    const askedMs = performance.now();
    const found = await this.#store.list(this.#version);
    if (found) {
      this.#held = new Map(found.keys.map((key) => [key.id, { key, secret: this.#secretOf(key) }]));
      this.#version = found.version;
    }
    this.#readMs = askedMs;
  }

  #secretOf({ id, sealedSecret }: AccessKey): string | undefined {
    if (sealedSecret === undefined) return undefined;
    const secret = this.#seal?.open(sealedSecret, id);
    if (secret === undefined) {
      this.#log.error(
        { key: id },
        'the secret of an access key cannot be read: STEPYARD_SECRET_KEY must be what it was when the key was created',
      );
    }
    return secret;
  }
}
