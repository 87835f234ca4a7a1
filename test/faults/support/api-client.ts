import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer that says no, by the name that AWS's errors have. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = 'Refused';
    this.code = code;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

const PAUSE_MS = 50;
const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

/**
 * A client as the SDKs are: it sends a call again, with the same id, when a server is gone or has trouble. It goes to
 * another server then.
 */
export class ApiClient {
  readonly #urls: readonly string[];
  #turn: number;

  constructor(urls: readonly string[], first = 0) {
    this.#urls = urls;
    this.#turn = first;
  }

  /**
   * @throws Refused for an error that another attempt would not change, AbortError when the signal aborts
   */
  async call(operation: string, input: Fields, signal?: AbortSignal): Promise<Fields> {
    const id = randomUUID();
    for (;;) {
      signal?.throwIfAborted();
      try {
        const answer = await this.#attempt(operation, input, id, signal);
        if (answer) return answer;
      } catch (error) {
        if (error instanceof Refused || signal?.aborted) throw error;
      }
      this.#turn += 1;
      await sleep(PAUSE_MS, undefined, signal ? { signal } : {});
    }
  }

  /** Undefined when the server has trouble of its own. */
  async #attempt(operation: string, input: Fields, id: string, signal?: AbortSignal): Promise<Fields | undefined> {
    const url = this.#urls[this.#turn % this.#urls.length] ?? '';
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...HEADERS, 'x-amz-target': `AWSStepFunctions.${operation}`, 'amz-sdk-invocation-id': id },
      body: JSON.stringify(input),
      ...(signal && { signal }),
    });
    const body = (await response.json()) as Fields;
    if (response.ok) return body;
    if (response.status >= 500) return undefined;
    throw new Refused(String(body['__type']), String(body['message']));
  }
}
