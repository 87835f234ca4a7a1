import type { Redrives } from '../../schemas/execution.ts';
import type { HistoryEvent } from '../../schemas/history.ts';

const TERMINAL = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;
const SCHEDULED = /^(Activity|Task|LambdaFunction)Scheduled$/;
const OUTCOME = /^(Activity|Task|LambdaFunction)(Succeeded|Failed|TimedOut)$/;
const STOPPED = /StateAborted$|^Execution(Aborted|TimedOut)$/;
const STARTED = /^(Activity|Task|LambdaFunction)Started$/;
const SUBMITTED = 'TaskSubmitted';

/** What is wrong with a finished history; nothing when all is well. */
export function historyProblems(events: readonly HistoryEvent[]): string[] {
  const problems: string[] = [];
  events.forEach((event, index) => {
    if (event.id !== index + 1) problems.push(`event ${index + 1} has id ${event.id}`);
    if (event.previousEventId >= event.id || event.previousEventId < 0)
      problems.push(`event ${event.id} follows ${event.previousEventId}`);
  });
  if (events.filter(({ type }) => type === 'ExecutionStarted').length !== 1) problems.push('not started once');
  for (const [run, ofRun] of runs(events).entries()) {
    const ends = ofRun.filter(({ type }) => TERMINAL.test(type));
    if (ends.length !== 1 || ends[0] !== ofRun.at(-1)) problems.push(`${ends.length} terminal events in run ${run}`);
  }
  return [...problems, ...taskProblems(events)];
}

/** From the start or a redrive to the next end. */
export function runs(events: readonly HistoryEvent[]): HistoryEvent[][] {
  const all: HistoryEvent[][] = [[]];
  for (const event of events) {
    if (event.type === 'ExecutionRedriven') all.push([]);
    all.at(-1)?.push(event);
  }
  return all;
}

/** Every redrive that was answered is told once, after the end that it undid. */
export function redriveProblems(
  events: readonly HistoryEvent[],
  answered: readonly number[],
  told: Redrives | undefined,
): string[] {
  const redriven = events.filter(({ type }) => type === 'ExecutionRedriven');
  const problems = redriven
    .filter(({ id, previousEventId }) => previousEventId !== id - 1 || !TERMINAL.test(events[id - 2]?.type ?? ''))
    .map(({ id }) => `redrive ${id} follows no end`);
  const times = redriven.map(({ timestamp }) => timestamp * 1000);
  if (times.join() !== answered.join()) problems.push(`redrives ${times.join()} are told, ${answered.join()} answered`);
  if ((told?.count ?? 0) !== answered.length || told?.lastMs !== answered.at(-1)) {
    problems.push(`${answered.length} redrives were answered, ${told?.count} are described`);
  }
  return problems;
}

/** Of a machine that only ends well when all of it has: what a redrive kept was not done again, and nothing was left out. */
export function forkProblems(events: readonly HistoryEvent[]): string[] {
  if (events.at(-1)?.type !== 'ExecutionSucceeded') return [];
  const exited = events.filter(({ type }) => type === 'TaskStateExited').map(nameOf);
  const iterations = events
    .filter(({ type }) => type === 'MapIterationSucceeded')
    .map((event) => Number(event['mapIterationSucceededEventDetails']?.['index']));
  const done = `${exited.toSorted().join()} ${iterations.toSorted((a, b) => a - b).join()}`;
  return done === 'item,item,item,item,left,right 0,1,2,3' ? [] : [`did ${done}`];
}

const nameOf = (event: HistoryEvent): string => {
  const details: { name?: string } = event['stateExitedEventDetails'] ?? {};
  return details.name ?? '';
};

/** Every task was started at most once and had at most one outcome; none only where it was stopped from outside. */
function taskProblems(events: readonly HistoryEvent[]): string[] {
  const problems: string[] = [];
  const counts = new Map<string, number>();
  for (const event of events) {
    const kind = kindOf(event);
    if (kind === undefined) continue;
    const task = scheduledBefore(events, event);
    if (task === undefined) problems.push(`${event.type} ${event.id} belongs to no task`);
    counts.set(`${kind} of task ${task}`, (counts.get(`${kind} of task ${task}`) ?? 0) + 1);
  }
  for (const [key, count] of counts) if (count > 1) problems.push(`${key}: ${count}`);
  if (events.some(({ type }) => STOPPED.test(type))) return problems;
  const unanswered = events.filter(({ type, id }) => SCHEDULED.test(type) && !counts.has(`outcome of task ${id}`));
  return [...problems, ...unanswered.map(({ id }) => `task ${id} has no outcome`)];
}

function kindOf({ type }: HistoryEvent): 'start' | 'submission' | 'outcome' | undefined {
  if (STARTED.test(type)) return 'start';
  if (type === SUBMITTED) return 'submission';
  return OUTCOME.test(type) ? 'outcome' : undefined;
}

/** The id of the Scheduled event that an event of a task goes back to. */
function scheduledBefore(events: readonly HistoryEvent[], event: HistoryEvent): number | undefined {
  let at = events[event.previousEventId - 1];
  if (at?.type === SUBMITTED) at = events[at.previousEventId - 1];
  if (at && STARTED.test(at.type)) at = events[at.previousEventId - 1];
  return at && SCHEDULED.test(at.type) ? at.id : undefined;
}

/** Each result that was accepted is told in the history, and no other; where the execution was stopped, some may be missing. */
export function resultProblems(events: readonly HistoryEvent[], accepted: number): string[] {
  const told = events.filter(({ type }) => /^Activity(Succeeded|Failed)$/.test(type)).length;
  const fits = events.some(({ type }) => STOPPED.test(type)) ? told <= accepted : told === accepted;
  return fits ? [] : [`${accepted} results were accepted, ${told} are told`];
}

/** Of a rolled-back saga: what was done and what was undone, in which order. Nothing when it is as it should be. */
export function sagaProblems(events: readonly HistoryEvent[]): string[] {
  const exited = events.filter(({ type }) => type === 'TaskStateExited').map(nameOf);
  const failedAt = events.at(-1)?.type === 'ExecutionFailed';
  if (!failedAt) return [];
  const done = ['Reserve', 'Ship', 'Confirm'].filter((name) => exited.includes(name));
  // The state whose failure was caught has exited as well, and has nothing to undo.
  const toUndo = done
    .slice(0, -1)
    .reverse()
    .map((name) => ({ Reserve: 'Release', Ship: 'Unship' })[name] ?? '');
  const undone = exited.filter((name) => ['Release', 'Unship'].includes(name));
  return undone.join() === toUndo.join() ? [] : [`did ${done.join()}, undid ${undone.join()}`];
}
