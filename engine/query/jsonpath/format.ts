import { ERROR, StatesError } from '../../../schemas/errors.ts';
import type { Json } from '../../../schemas/json.ts';
import { InvalidArguments } from './invalid-arguments.ts';
import { displayText } from './json-values.ts';
import { guardSize, MAX_COMPUTED } from './size-guard.ts';
import { TOO_LARGE } from './wording.ts';

const PART = /\\[\\{}']|\{\}|[^\\{]+|[\\{]/g;

/**
 * States.Format: puts the values where the template has `{}`; `\{`, `\}`, `\'` and `\\` stand for themselves.
 *
 * @throws InvalidArguments when there are not as many values as places
 */
export function format(template: string, values: readonly Json[]): string {
  let text = '';
  let used = 0;
  for (const [part] of template.matchAll(PART)) {
    if (part === '{}') {
      const value = values[used];
      if (value === undefined) throw new InvalidArguments();
      used += 1;
      text += written(value);
    } else {
      text += part.length === 2 && part.startsWith('\\') ? part.slice(1) : part;
    }
    if (text.length > MAX_COMPUTED) throw new StatesError(ERROR.dataLimitExceeded, TOO_LARGE);
  }
  if (used < values.length) throw new InvalidArguments();
  return text;
}

function written(value: Json): string {
  if (typeof value === 'object') guardSize(value);
  return displayText(value);
}
