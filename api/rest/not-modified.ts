import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RestApp } from './app.ts';

/** Weak entity tags (RFC 9110, 8.8): what a client has already is not sent again. */

/**
 * Answers 304 when the client has the state that `parts` stand for; else tells it the tag of that state. To be asked before what an
 * answer is made of is read.
 *
 * @param parts change whenever the answer does, with the request being the same
 * @returns whether it is answered
 */
export function isNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: readonly (string | number | undefined)[],
): boolean {
  const value = parts.map((part) => part ?? '').join('.');
  reply.header('etag', tagOf(value));
  if (!isKnown(request, value)) return false;
  reply.code(304).send();
  return true;
}

/** Answers that have no tag of their own get one that is made of their body. */
export function addEntityTags(app: RestApp): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    if (reply.hasHeader('etag')) return payload;
    const value = createHash('sha1').update(payload).digest('base64url');
    reply.header('etag', tagOf(value));
    if (!isKnown(request, value)) return payload;
    reply.code(304);
    return '';
  });
}

const tagOf = (value: string): string => `W/"${value}"`;

/** Whether `If-None-Match` has the tag: compared is what is between the quotes. */
function isKnown({ headers }: FastifyRequest, value: string): boolean {
  const known = headers['if-none-match'];
  return known !== undefined && (known.trim() === '*' || known.match(/"[^"]*"/g)?.includes(`"${value}"`) === true);
}
