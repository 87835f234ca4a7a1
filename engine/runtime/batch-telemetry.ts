import type { HistoryEvent } from '../../schemas/history.ts';
import { isJsonObject, member } from '../../schemas/json.ts';
import type { Step } from '../interpreter/draft.ts';
import type { Execution } from '../interpreter/execution.ts';
import { frameOfVisit } from '../interpreter/frame-index.ts';
import type { Stimulus } from '../interpreter/stimulus.ts';
import {
  type AboutExecution,
  type AboutTask,
  type BatchCommitted,
  type ExecutionClosed,
  type ExecutionStarted,
  type TaskEnded,
  type TaskStarted,
  TELEMETRY,
} from './telemetry.ts';

/** What is to be told of a batch: gathered while it is interpreted, told when it is committed. */
export class BatchTelemetry {
  readonly #started: ExecutionStarted[] = [];
  readonly #closed: ExecutionClosed[] = [];
  readonly #tasksScheduled: AboutTask[] = [];
  readonly #tasksStarted: TaskStarted[] = [];
  readonly #tasksEnded: TaskEnded[] = [];
  #events = 0;
  #transitions = 0;

  /** Undefined when nobody listens: then nothing is gathered. */
  static begin(): BatchTelemetry | undefined {
    return TOPICS.some(({ isHeard }) => isHeard) ? new BatchTelemetry() : undefined;
  }

  /** @param execution as it was before the step */
  note(execution: Execution, stimulus: Stimulus, { head, history }: Step): void {
    if (history.length === 0) return;
    const { executionArn, stateMachineArn, stateMachineName, startMs } = execution.record;
    const about = { executionArn, stateMachineArn, stateMachineName };
    if (execution.head.events === 0) this.#started.push({ ...about, startMs });
    this.#events += history.length;
    this.#noteEvents(history, about, execution, stimulus);
    const { state } = head;
    if (state.status === 'RUNNING' || state === execution.head.state) return;
    this.#closed.push({ ...about, ...closing(execution.record, state) });
  }

  #noteEvents(history: readonly HistoryEvent[], about: AboutExecution, execution: Execution, stimulus: Stimulus): void {
    let waits: Map<number, TaskWait> | undefined;
    for (const event of history) {
      const kind = KINDS.get(event.type);
      if (kind === undefined) continue;
      if (kind === 'entered') {
        this.#transitions += 1;
        continue;
      }
      waits ??= waitsOf(execution, stimulus);
      const wait = waits.get(event.previousEventId);
      const task = { ...about, service: kind.service ?? serviceIn(event), eventId: event.id };
      this.#noteTask(task, kind.what, wait, stimulus);
      if (kind.what === 'started') waits.set(event.id, { started: true });
      else if (kind.what === 'submitted' && wait) waits.set(event.id, wait);
    }
  }

  #noteTask(task: AboutTask, what: TaskEvent, wait: TaskWait | undefined, stimulus: Stimulus): void {
    const elapsedMs = wait?.sinceMs === undefined ? undefined : stimulus.at - wait.sinceMs;
    switch (what) {
      case 'scheduled':
        this.#tasksScheduled.push(task);
        return;
      case 'started':
        this.#tasksStarted.push({ ...task, queuedMs: elapsedMs });
        return;
      case 'submitted':
        return;
      default: {
        const traceparent = stimulus.type === 'TaskSettled' ? stimulus.result.traceparent : undefined;
        this.#tasksEnded.push({
          ...task,
          outcome: what,
          runMs: wait?.started ? elapsedMs : undefined,
          ...(traceparent !== undefined && { traceparent }),
        });
      }
    }
  }

  tell(batch: Omit<BatchCommitted, 'events' | 'transitions'>): void {
    const { executionStarted, executionClosed, taskScheduled, taskStarted, taskEnded, batchCommitted } = TELEMETRY;
    for (const message of this.#started) executionStarted.publish(message);
    for (const message of this.#tasksScheduled) taskScheduled.publish(message);
    for (const message of this.#tasksStarted) taskStarted.publish(message);
    for (const message of this.#tasksEnded) taskEnded.publish(message);
    for (const message of this.#closed) executionClosed.publish(message);
    batchCommitted.publish({ ...batch, events: this.#events, transitions: this.#transitions });
  }
}

function closing(
  { executionId, startMs, traceparent, traceHeader }: Execution['record'],
  state: Exclude<Step['head']['state'], { status: 'RUNNING' }>,
): Omit<ExecutionClosed, keyof AboutExecution> {
  const { status, stopMs } = state;
  const error = 'error' in state && state.error !== undefined ? { error: state.error } : {};
  const trace = traceparent ?? traceHeader;
  return { executionId, status, startMs, stopMs, ...error, ...(trace !== undefined && { trace }) };
}

const TOPICS = Object.values(TELEMETRY);

/** What a task waits for, and since when. */
interface TaskWait {
  readonly started: boolean;
  readonly sinceMs?: number;
}

/** The waiting tasks that a stimulus is about, by the last event of each: what happens to them follows that. */
function waitsOf({ frames }: Execution, stimulus: Stimulus): Map<number, TaskWait> {
  const waits = new Map<number, TaskWait>();
  for (const visit of visitsOf(stimulus)) {
    const frame = frames.get(frameOfVisit(frames, visit) ?? '');
    if (frame?.phase === 'running' && frame.wait.for === 'task') waits.set(frame.lastEventId, frame.wait);
  }
  return waits;
}

function visitsOf(stimulus: Stimulus): readonly number[] {
  switch (stimulus.type) {
    case 'TaskStarted':
    case 'TaskSubmitted':
    case 'TaskSettled':
      return [stimulus.visit];
    case 'TimersFired':
      return stimulus.timers.map(({ visit }) => visit);
    default:
      return [];
  }
}

type TaskEvent = 'scheduled' | 'started' | 'submitted' | TaskEnded['outcome'];

interface TaskKind {
  readonly what: TaskEvent;
  /** Undefined when the event itself names it. */
  readonly service: string | undefined;
}

const FAMILIES = [
  ['Activity', 'activity'],
  ['LambdaFunction', 'lambda'],
  ['Task', undefined],
] as const;

const WHAT: Readonly<Record<string, TaskEvent>> = {
  Scheduled: 'scheduled',
  Started: 'started',
  StartFailed: 'failed',
  Submitted: 'submitted',
  SubmitFailed: 'failed',
  Succeeded: 'succeeded',
  Failed: 'failed',
  TimedOut: 'timed_out',
};

/** The types of events that are counted, in one table: there are twenty events to an execution, and most are none of these. */
const KINDS: ReadonlyMap<string, 'entered' | TaskKind> = new Map<string, 'entered' | TaskKind>([
  ...['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'].map(
    (type) => [`${type}StateEntered`, 'entered'] as const,
  ),
  ...FAMILIES.flatMap(([family, service]) =>
    Object.entries(WHAT).map(([end, what]) => [`${family}${end}`, { what, service }] as const),
  ),
]);

/** `TaskScheduled`: `taskScheduledEventDetails`. */
function serviceIn(event: HistoryEvent): string {
  const details = event[`t${event.type.slice(1)}EventDetails`];
  const service = isJsonObject(details) ? member(details, 'resourceType') : undefined;
  return typeof service === 'string' ? service : 'unknown';
}
