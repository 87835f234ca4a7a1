import { hash } from 'node:crypto';
import type { ExecutionId } from '../../../schemas/task.ts';
import { type GivenTrace, parseGivenTrace } from '../../../schemas/trace.ts';

/**
 * The ids of traces and spans follow from those of executions and history events. So every process can name a span without asking
 * the one that will send it, and a span that is sent twice is the same span.
 */

/** The trace of an execution: the one it was started in, else one of its own, whose id is the execution's 16 bytes. */
export function traceOf(executionId: ExecutionId, given: string | undefined): GivenTrace {
  const found = given === undefined ? undefined : parseGivenTrace(given);
  if (found) return found;
  return {
    traceId: Buffer.from(executionId, 'base64url').toString('hex'),
    parentSpanId: undefined,
    sampled: undefined,
  };
}

/** The span that begins with an event. The execution itself begins with the first. */
export const spanIdOf = (executionId: ExecutionId, eventId: number): string =>
  hash('sha256', `${executionId} ${eventId}`).slice(0, 16);

export const ROOT_EVENT = 1;
