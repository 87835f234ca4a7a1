import { apiError } from './errors.ts';

/**
 * Page tokens: where the next page begins, for whom. They are opaque to clients, hold nothing secret and give access
 * to nothing, so they are not signed; whatever is not one of ours is refused.
 */

/** What a token stands for. `list` names the list with the arguments that must be the same on every page. */
export function pageToken(list: string, position: string | number): string {
  return Buffer.from(JSON.stringify([list, position])).toString('base64url');
}

/** The position in a token of the same list, as text; undefined when there is no token. */
export function textPosition(list: string, token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const position = read(list, token);
  if (typeof position !== 'string') throw apiError('InvalidToken');
  return position;
}

/** The position in a token of the same list, as a number; 0 when there is no token. */
export function numberPosition(list: string, token: string | undefined): number {
  if (token === undefined) return 0;
  const position = read(list, token);
  if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) throw apiError('InvalidToken');
  return position;
}

function read(list: string, token: string): unknown {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw apiError('InvalidToken');
  }
  if (!Array.isArray(parts) || parts.length !== 2 || parts[0] !== list) throw apiError('InvalidToken');
  return parts[1];
}

/** AWS gives 100 items when asked for none in particular. */
export const pageLimit = (maxResults: number | undefined): number => maxResults || 100;
