import { type Json, JsonError, parseJson } from '../schemas/json.ts';
import { apiError } from './errors.ts';

/** The most that a request may have: a definition of 1 MiB in JSON escapes, with room to spare. */
export const BODY_LIMIT = 8 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Reads a request's body.
 *
 * @throws ApiError SerializationException when it is not UTF-8, not JSON, nested too deep, or holds a number beyond the doubles
 */
export function readBody(body: unknown): Json {
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw apiError('SerializationException', 'The request has no body');
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw apiError('SerializationException', 'The request body is not valid UTF-8');
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw apiError('SerializationException', 'The request body is not valid JSON');
    throw error;
  }
}
