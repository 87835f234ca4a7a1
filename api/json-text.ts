import { JsonError, parseJson } from '../schemas/json.ts';
import type { ApiDeps } from './operation.ts';

/** What is wrong with a JSON text that a request carries, as AWS's parser words it; undefined when nothing is. */
export function jsonComplaint(text: string, { jsonFault }: Pick<ApiDeps, 'jsonFault'>): string | undefined {
  // A lone surrogate has no UTF-8: it would be kept as something else than was sent.
  if (!text.isWellFormed()) return 'Incomplete surrogate pair';
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return jsonFault(text) ?? error.message;
  }
}
