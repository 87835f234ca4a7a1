import type { ExecutionStatus } from '../../schemas/execution.ts';
import type { Frame, RunningFrame } from '../interpreter/execution.ts';

/** How far an execution is. It is another one whenever anything has happened to the execution. */
export interface ExecutionStanding {
  readonly status: ExecutionStatus;
  /** How many history events there are. */
  readonly events: number;
  readonly redriveCount: number;
  /** When it closed, in epoch milliseconds. */
  readonly stopMs?: number;
}

/** A state that an open execution is in, without its data. */
export type CurrentState = Pick<RunningFrame, 'state' | 'enteredMs' | 'enteredEventId' | 'wait'>;

export interface CurrentStates {
  /** Outer states first: in the order in which they were entered. */
  readonly states: readonly CurrentState[];
  /** Whether there are more, which were not looked at. */
  readonly more: boolean;
}

/** Undefined for what is no stay in a state. */
export const currentStateOf = (frame: Frame): CurrentState | undefined => {
  if (frame.phase !== 'running') return undefined;
  const { state, enteredMs, enteredEventId, wait } = frame;
  return { state, enteredMs, enteredEventId, wait };
};

export function currentStates(found: readonly CurrentState[], limit: number): CurrentStates {
  const ordered = found.toSorted((a, b) => a.enteredEventId - b.enteredEventId);
  return { states: ordered.slice(0, limit), more: ordered.length > limit };
}
