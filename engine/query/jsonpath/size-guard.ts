import { ERROR, StatesError } from '../../../schemas/errors.ts';
import type { Json } from '../../../schemas/json.ts';
import { isLargerThan } from './json-values.ts';
import { TOO_LARGE } from './wording.ts';

/** Characters that a computed value may have as JSON: 16 times AWS's payload, far below what hurts. */
export const MAX_COMPUTED = 4 * 1024 * 1024;

/** As many copies of an input as fit {@link MAX_COMPUTED}: fewer need not be measured. */
export const HARMLESS_COPIES = 16;

/**
 * Refuses values that are small to hold, since they share their parts, and enormous to write:
 * `States.Array($, $, …)`, `$..*`, a template that repeats its input a thousand times.
 *
 * @throws StatesError
 */
export function guardSize(value: Json): void {
  if (isLargerThan(value, MAX_COMPUTED)) throw new StatesError(ERROR.dataLimitExceeded, TOO_LARGE);
}
