import type { Attempted } from '../../schemas/webhook.ts';
import type { DeliveryJob, Post } from './ports.ts';
import { signedHeaders } from './signature.ts';

/** Answers are not looked at; this much is read so that the connection ends in order. */
const MAX_ANSWER_BYTES = 16 * 1024;
/** The receiver wants no more, ever (Standard Webhooks: "Delivery success and failure"). */
export const GONE = 410;

/** Posts a delivery once. Every answer of 2xx is a success; a redirect is none, and is not followed. */
export async function attemptDelivery(
  { url, secret }: { readonly url: string; readonly secret: string },
  delivery: DeliveryJob,
  post: Post,
  timeoutMs: number,
): Promise<Attempted> {
  const { body } = delivery;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Stepyard',
    // The time of the attempt: receivers refuse what is old.
    ...signedHeaders(secret, delivery, Date.now()),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { status } = await post({ url, headers, body, maxBytes: MAX_ANSWER_BYTES, signal });
    if (status >= 200 && status < 300) return { outcome: 'delivered', responseStatus: status };
    const error = `The receiver answered with HTTP status ${status}`;
    return { outcome: 'failed', responseStatus: status, error, final: status === GONE };
  } catch (error) {
    const reason = signal.aborted ? `The receiver did not answer within ${timeoutMs} ms` : reasonOf(error);
    return { outcome: 'failed', error: reason, final: false };
  }
}

/** A refused connection to several addresses is an AggregateError without a message of its own. */
function reasonOf(error: unknown): string {
  const [first]: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
}
