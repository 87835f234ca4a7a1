import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const TOLD = ['x-amzn-requestid', 'x-amzn-errortype', 'retry-after', 'etag', 'date'];

/** Lets web pages of other origins use the API: with a key, not with the cookie of a session. */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.register(cors, { origin: [...origins], methods: METHODS, exposedHeaders: TOLD, maxAge: 600 });
}
