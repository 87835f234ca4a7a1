/** Access keys: who may use a deployment, and for what. */

export const ROLES = ['admin', 'operator', 'worker', 'reader'] as const;
export type Role = (typeof ROLES)[number];

/** A token bucket: so many requests a second on average, so many at once after a pause. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export interface AccessKey {
  /** 20 capitals and digits; begins with {@link ID_PREFIX}. */
  readonly id: string;
  readonly role: Role;
  /** Of a worker: ARNs of the activities that it may take tasks of; `*` stands for any text. */
  readonly activities: readonly string[];
  /** What people call it. */
  readonly name?: string;
  readonly creationMs: number;
  /** From then on it is as good as revoked. */
  readonly expiryMs?: number;
  readonly rate?: RateLimit;
  /** SHA-256 of the secret, in hexadecimal digits. */
  readonly secretHash: string;
  /** The secret, encrypted: signatures can only be checked with it. Absent when the key is for bearer tokens alone. */
  readonly sealedSecret?: string;
}

export const ID_PREFIX = 'SYAK';

/** What a client sends as bearer token: `<id>.<secret>`. */
export const formatBearer = (id: string, secret: string): string => `${id}.${secret}`;

/** Undefined when the text cannot be a bearer token. */
export function parseBearer(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = BEARER.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

const BEARER = new RegExp(`^(${ID_PREFIX}[A-Z0-9]{16})\\.([A-Za-z0-9]{40})$`);

/**
 * Whether a text is one that a pattern stands for: each `*` in it is any text, also none. Takes time in proportion to
 * both lengths, since what stands between two stars is looked for once.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
