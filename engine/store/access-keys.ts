import type { AccessKey, RateLimit } from '../../schemas/access-key.ts';

export interface SignatureUse {
  /** How long the use is remembered. */
  readonly forMs: number;
  /** How long after the first use others may use it as well. */
  readonly sharedMs: number;
}

/** The part of the persistence port that knows who may come in. */
export interface AccessKeys {
  /** Keeps a key. False when its id is taken. */
  create(key: AccessKey): Promise<boolean>;
  /** Forgets a key. False when there is none of that id. */
  revoke(id: string): Promise<boolean>;
  /**
   * All keys, and a text that is another one as soon as a key was created or revoked.
   *
   * @param known undefined is answered when the text is still this one
   */
  list(known?: string): Promise<{ readonly keys: readonly AccessKey[]; readonly version: string } | undefined>;

  /** Takes one request from a key's bucket. Answers 0, or after how many milliseconds there will be one again. */
  spend(keyId: string, limit: RateLimit): Promise<number>;
  /**
   * Notes that a signature was used. True for the first request, also when its call is sent twice, and for others as long as they
   * share it; false for any other.
   */
  useSignature(signature: string, requestId: string, use: SignatureUse): Promise<boolean>;

  /** Remembers whose key a session was opened with. */
  openSession(session: string, keyId: string, forMs: number): Promise<void>;
  /** The key of an open session. */
  session(session: string): Promise<string | undefined>;
  closeSession(session: string): Promise<void>;
}
