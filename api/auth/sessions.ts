import { hash, randomBytes } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessKeys } from '../../engine/store/access-keys.ts';

/**
 * Sessions of the console: a browser that has shown a token once is known by a cookie. The cookie's value is drawn at random and kept
 * as a digest, so that whoever reads Redis cannot use it. A session ends after 12 hours, at logout, and with its key.
 */

const COOKIE = 'stepyard_session';
const LIFE_S = 12 * 3600;

const digestOf = (value: string): string => hash('sha256', value, 'base64url');

export class Sessions {
  readonly #store: Pick<AccessKeys, 'openSession' | 'session' | 'closeSession'>;

  constructor(store: Pick<AccessKeys, 'openSession' | 'session' | 'closeSession'>) {
    this.#store = store;
  }

  async open(keyId: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const value = randomBytes(32).toString('base64url');
    await this.#store.openSession(digestOf(value), keyId, LIFE_S * 1000);
    reply.setCookie(COOKIE, value, { ...cookieFor(request), maxAge: LIFE_S });
  }

  /** The key that the request's cookie stands for. */
  async keyOf(request: FastifyRequest): Promise<string | undefined> {
    const value = cookieOf(request);
    return value === undefined ? undefined : this.#store.session(digestOf(value));
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const value = cookieOf(request);
    if (value !== undefined) await this.#store.closeSession(digestOf(value));
    reply.clearCookie(COOKIE, cookieFor(request));
  }
}

const cookieOf = ({ cookies }: FastifyRequest): string | undefined => cookies[COOKIE];

/** Scripts cannot read it, other sites cannot make a browser send it, and behind TLS it never goes without. */
const cookieFor = ({ headers, protocol }: FastifyRequest): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: protocol === 'https' || /^https\b/.test(String(headers['x-forwarded-proto'])),
});
