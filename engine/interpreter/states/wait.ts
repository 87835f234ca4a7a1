import { ERROR, StatesError } from '../../../schemas/errors.ts';
import type { Json } from '../../../schemas/json.ts';
import type { Field } from '../../query/query-language.ts';
import { parseTimestamp } from '../../query/timestamp.ts';
import { MAX_SECONDS } from '../limits.ts';
import { NOT_AN_INSTANT, NOT_SECONDS } from './complaints.ts';
import type { StateKind, Visit } from './state-kind.ts';

/** ASL "Wait State": goes on after Seconds or at Timestamp. */
export const wait: StateKind = ({ state, at, query }) => {
  const seconds = query.field(state, 'Seconds', at);
  const timestamp = query.field(state, 'Timestamp', at);
  const delayOf = async ({ at: now, scope }: Visit): Promise<number> => {
    if (seconds) return secondsOf(seconds, await seconds.evaluate(scope)) * 1000;
    return timestamp ? instantOf(timestamp, await timestamp.evaluate(scope)) - now : 0;
  };
  return {
    enter: async (visit) => suspendFor(await delayOf(visit), visit),
    resume: ({ scope }) => ({ type: 'advance', result: scope.input }),
  };
};

function suspendFor(delayMs: number, { at, frame, limits }: Visit) {
  if (delayMs > MAX_SECONDS * 1000) throw new StatesError(ERROR.runtime, 'Wait state delay is too long.');
  const timer = { visit: frame.visit, purpose: 'wait' } as const;
  const dueMs = at + Math.max(0, Math.ceil(delayMs * limits.waitTimeScale));
  return { type: 'suspend', wait: { for: 'timer' }, effects: [{ type: 'SetTimer', timer, dueMs }] } as const;
}

function secondsOf(field: Field, value: Json): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw field.refuse(value, NOT_SECONDS);
}

function instantOf(field: Field, value: Json): number {
  const ms = typeof value === 'string' ? parseTimestamp(value)?.ms : undefined;
  if (ms !== undefined) return ms;
  throw field.refuse(value, NOT_AN_INSTANT);
}
