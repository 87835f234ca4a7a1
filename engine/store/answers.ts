/** What requests were answered that clients may repeat under a key of their own: a face of the persistence port. */
export interface AnswerStore {
  /**
   * Takes a key for a request, for a minute at first. Whoever has it already: `yours` when it was this very request, else what is
   * known of the other.
   *
   * @param fingerprint the same for requests that ask for the same
   */
  claim(key: string, fingerprint: string, requestId: string): Promise<'yours' | KeptAnswer>;
  /** Keeps the answer of a request that has the key, for a day. */
  keep(key: string, fingerprint: string, answer: string): Promise<void>;
  /** Gives the key back. */
  release(key: string): Promise<void>;
}

export interface KeptAnswer {
  readonly fingerprint: string;
  /** Undefined while the other request is under way, or after its process has died, until its minute is over. */
  readonly answer?: string;
}

export const CLAIM_MS = 60_000;
export const KEPT_MS = 86_400_000;
