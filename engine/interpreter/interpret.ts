import { ERROR } from '../../schemas/errors.ts';
import type { Json } from '../../schemas/json.ts';
import type { TaskResult } from '../../schemas/task.ts';
import { enterFirstState, setExecutionTimer } from './begin.ts';
import { Draft, HistoryFull, type Step } from './draft.ts';
import { closeEverything, endExecution } from './end.ts';
import { execute, resume } from './execute.ts';
import { type Execution, ROOT, type RunningFrame } from './execution.ts';
import { childDone, childFailed } from './fork.ts';
import { frameOfVisit } from './frame-index.ts';
import type { Limits } from './limits.ts';
import type { Machine } from './machine.ts';
import { childEnded, childOpen, mapRunContinued, mapRunUpdated, workSettled } from './map-run/map-run.ts';
import { executionAborted, executionFailed, executionStarted, executionTimedOut } from './narrate.ts';
import type { Happening } from './outcome.ts';
import { redrive } from './redrive.ts';
import { Run, type Turn } from './run.ts';
import type { Stimulus, Timer } from './stimulus.ts';

/**
 * Interprets one stimulus: through every state that needs nothing from outside, until each frame waits or the execution has
 * ended. A function of its arguments alone: the same give the same step, event for event.
 *
 * @returns what has changed; nothing when the stimulus is late (its visit is over) or repeated
 */
export async function interpret(
  machine: Machine,
  execution: Execution,
  stimulus: Stimulus,
  limits: Limits,
): Promise<Step> {
  const draft = new Draft(execution, stimulus.at, limits.maxHistoryEvents);
  if (!draft.isOpen && stimulus.type !== 'Redriven') return draft.toStep();
  const run = new Run(machine, draft, limits);
  try {
    await take(run, stimulus);
    for (let turn = run.next(); turn && draft.isOpen; turn = run.next()) await takeTurn(run, turn);
  } catch (error) {
    if (!(error instanceof HistoryFull)) throw error;
    endAsHistoryFull(run);
  }
  return draft.toStep();
}

function takeTurn(run: Run, turn: Turn): Promise<void> {
  switch (turn.type) {
    case 'execute':
      return execute(run, turn.frame, turn.visit);
    case 'childDone':
      return childDone(run, turn.child, turn.output);
    case 'childFailed':
      return childFailed(run, turn.child, turn.failure);
  }
}

/** What a stimulus means for the frame it is for. */
async function take(run: Run, stimulus: Stimulus): Promise<void> {
  switch (stimulus.type) {
    case 'Started':
      return start(run);
    case 'TaskStarted':
      return happen(run, stimulus.visit, { type: 'TaskStarted', ...worker(stimulus.workerName) });
    case 'TaskSubmitted':
      return happen(run, stimulus.visit, { type: 'TaskSubmitted', output: stimulus.output });
    case 'TaskSettled':
      return settle(run, stimulus);
    case 'TimersFired':
      return fireAll(run, stimulus.timers);
    case 'StopRequested': {
      const { error, cause } = stimulus;
      const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
      return endExecution(run, { status: 'ABORTED', ...reason }, executionAborted(reason), 0);
    }
    case 'Redriven':
      return redrive(run, stimulus);
    case 'ChildEnded':
      return childEnded(run, stimulus);
    case 'ChildOpen':
      return childOpen(run, stimulus);
    case 'MapRunUpdated':
      return mapRunUpdated(run, stimulus);
    case 'Continued':
      return mapRunContinued(run, stimulus);
  }
}

function start(run: Run): void {
  const { draft } = run;
  const { record, head } = draft.execution;
  if (head.events > 0) return;
  draft.event(executionStarted(record), 0);
  setExecutionTimer(run);
  enterFirstState(run);
}

/** Oldest visits first. Measured on AWS: all of them are told before one of them fails what is around it. */
async function fireAll(run: Run, timers: readonly Timer[]): Promise<void> {
  for (const timer of timers.toSorted((left, right) => left.visit - right.visit)) {
    if (run.draft.isOpen) await fire(run, timer);
  }
}

async function fire(run: Run, timer: Timer): Promise<void> {
  if (timer.purpose === 'execution') {
    const error = { error: ERROR.timeout };
    return endExecution(run, { status: 'TIMED_OUT', ...error }, executionTimedOut(error), lastOfRoot(run));
  }
  const frame = waiting(run, timer.visit);
  if (!frame) return;
  if (timer.purpose === 'retry') {
    if (frame.wait.for === 'retry') run.schedule(frame.id, frame.visit);
    return;
  }
  const wanted = timer.purpose === 'wait' ? 'timer' : 'task';
  if (frame.wait.for === wanted) await resume(run, frame, { type: 'TimerFired', purpose: timer.purpose });
}

/** A task has ended: that of a state, or one that a Map Run has set for itself. */
async function settle(run: Run, { visit, result, workerName }: Extract<Stimulus, { type: 'TaskSettled' }>) {
  const work = run.draft.frame(String(visit));
  if (work?.phase === 'work') return workSettled(run, visit, work, result);
  return happen(run, visit, settled(result, workerName));
}

/** Something happened to the task of a visit; when nobody waits for it any more, nothing happens. */
async function happen(run: Run, visit: number, happening: Happening): Promise<void> {
  const frame = waiting(run, visit);
  if (frame?.wait.for !== 'task') return;
  if (happening.type === 'TaskStarted' && frame.wait.started) return;
  if (happening.type === 'TaskSubmitted' && frame.wait.submitted) return;
  await resume(run, frame, happening);
}

/** The frame whose present visit this is. */
function waiting(run: Run, visit: number): RunningFrame | undefined {
  const id = frameOfVisit(run.draft.execution.frames, visit);
  const frame = id === undefined ? undefined : run.draft.running(id);
  return frame?.visit === visit ? frame : undefined;
}

function settled(result: TaskResult, workerName: string | undefined): Happening {
  if (result.type === 'failed') {
    const { error, cause, submitting } = result;
    const failure = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    return { type: 'TaskFailed', error: failure, ...(submitting && { submitting }), ...worker(workerName) };
  }
  const output = JSON.parse(result.output) as Json;
  return { type: 'TaskSucceeded', output, outputText: result.output, ...worker(workerName) };
}

const worker = (workerName: string | undefined) => (workerName === undefined ? {} : { workerName });

const lastOfRoot = (run: Run): number => run.draft.running(ROOT)?.lastEventId ?? 0;

function endAsHistoryFull(run: Run): void {
  const cause = `The execution reached the maximum number of history events (${run.limits.maxHistoryEvents}).`;
  const error = { error: ERROR.runtime, cause };
  closeEverything(run);
  run.draft.end({ status: 'FAILED', stopMs: run.draft.at, ...error }, executionFailed(error), lastOfRoot(run));
}
