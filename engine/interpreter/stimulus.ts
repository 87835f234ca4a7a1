import type { ChildAttempt, ChildEnding, MapRunThresholds } from '../../schemas/map-run.ts';
import type { TaskResult } from '../../schemas/task.ts';
import type { FrameId } from './execution.ts';

/** What happened outside, with its instant. The interpreter reads no clock: `at` is the time. */
export type Stimulus = { readonly at: number } & (
  | { readonly type: 'Started' }
  /** A worker took the task of this visit. */
  | { readonly type: 'TaskStarted'; readonly visit: number; readonly workerName?: string }
  /** What the task of this visit waits for is under way; `output` is what the service answered, a JSON text. */
  | { readonly type: 'TaskSubmitted'; readonly visit: number; readonly output: string }
  | { readonly type: 'TaskSettled'; readonly visit: number; readonly result: TaskResult; readonly workerName?: string }
  /** Timers that came due together. */
  | { readonly type: 'TimersFired'; readonly timers: readonly Timer[] }
  | { readonly type: 'StopRequested'; readonly error?: string; readonly cause?: string }
  /** The execution goes on where it ended without success, for the `count`th time. */
  | { readonly type: 'Redriven'; readonly count: number; readonly edits?: RedriveEdits }
  /** A child of the Map Run of this visit has ended. */
  | ({ readonly type: 'ChildEnded'; readonly ending: ChildEnding } & ChildAttempt)
  /** A child that is to be redriven has not stopped yet. */
  | ({ readonly type: 'ChildOpen' } & ChildAttempt)
  /** UpdateMapRun: what is absent stays. */
  | { readonly type: 'MapRunUpdated'; readonly visit: number; readonly thresholds: Partial<MapRunThresholds> }
  /** The Map Run of this visit has asked to be called again. */
  | { readonly type: 'Continued'; readonly visit: number }
);

/** What a redrive changes of what is executed again (`redrive-edits.ts` checks that it can be). */
export interface RedriveEdits {
  /** The state of the outermost scope that is entered instead of the one in which the execution has halted; what is below that one goes. */
  readonly state?: string;
  /** Entered again, with this JSON text as input: a halted frame in its state, or the root in `state`. */
  readonly input?: { readonly frame: FrameId; readonly text: string };
}

/**
 * A timer belongs to one visit: `wait` ends a Wait state, `retry` begins the next attempt, `timeout`
 * and `heartbeat` fail a task. `execution` (visit 0) is the machine's own TimeoutSeconds.
 */
export interface Timer {
  readonly visit: number;
  readonly purpose: TimerPurpose;
}

export type TimerPurpose = 'wait' | 'retry' | 'timeout' | 'heartbeat' | 'execution';
