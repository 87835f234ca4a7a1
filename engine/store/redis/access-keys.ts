import type { Redis } from 'ioredis';
import type { AccessKey, RateLimit } from '../../../schemas/access-key.ts';
import type { AccessKeys, SignatureUse } from '../access-keys.ts';
import { connect } from './connect.ts';
import { type AccessKeyKeys, accessKeyKeys } from './keys.ts';
import { asList, asNumber, asText, call, run, scripts } from './scripts.ts';

/** The field that counts changes, beside the keys by id. */
const VERSION = '#';

export class RedisAccessKeys implements AccessKeys {
  readonly #redis: Redis;
  readonly #keys: AccessKeyKeys;

  constructor(redis: Redis, keys: AccessKeyKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async create(key: AccessKey): Promise<boolean> {
    const reply = await run(this.#redis, scripts.createAccessKey, [this.#keys.all], [key.id, JSON.stringify(key)]);
    return reply === 1;
  }

  async revoke(id: string): Promise<boolean> {
    return (await run(this.#redis, scripts.revokeAccessKey, [this.#keys.all, this.#keys.bucket(id)], [id])) === 1;
  }

  async list(known?: string) {
    if (known !== undefined && (await this.#version()) === known) return undefined;
    const reply = asList(await call(this.#redis, 'HGETALL', [this.#keys.all])).map(asText);
    const keys: AccessKey[] = [];
    let version = NONE;
    for (let at = 0; at < reply.length; at += 2) {
      const value = reply[at + 1] ?? '';
      if (reply[at] === VERSION) version = value;
      else keys.push(JSON.parse(value) as AccessKey);
    }
    return { keys, version };
  }

  async spend(keyId: string, { perSecond, burst }: RateLimit): Promise<number> {
    return asNumber(await run(this.#redis, scripts.spend, [this.#keys.bucket(keyId)], [perSecond, burst]));
  }

  async useSignature(signature: string, requestId: string, { forMs, sharedMs }: SignatureUse): Promise<boolean> {
    const key = this.#keys.signature(signature);
    return (await run(this.#redis, scripts.useSignature, [key], [requestId, Math.ceil(forMs), sharedMs])) === 1;
  }

  async openSession(session: string, keyId: string, forMs: number): Promise<void> {
    await call(this.#redis, 'SET', [this.#keys.session(session), keyId, 'PX', forMs]);
  }

  async session(session: string): Promise<string | undefined> {
    const keyId = await call(this.#redis, 'GET', [this.#keys.session(session)]);
    return keyId === null ? undefined : asText(keyId);
  }

  async closeSession(session: string): Promise<void> {
    await call(this.#redis, 'DEL', [this.#keys.session(session)]);
  }

  async #version(): Promise<string> {
    const version = await call(this.#redis, 'HGET', [this.#keys.all, VERSION]);
    return version === null ? NONE : asText(version);
  }
}

/** Nothing was ever changed. */
const NONE = '0';

/**
 * The access keys of a deployment alone, for whoever administers them: nothing else of it is looked at or made.
 *
 * @param url as for `createRedisStore`
 */
export function openAccessKeys(url: string, prefix = 'stepyard'): AccessKeys & { close(): void } {
  const redis = connect(url, 'requests', () => undefined);
  return Object.assign(new RedisAccessKeys(redis, accessKeyKeys(prefix)), { close: () => redis.disconnect() });
}
