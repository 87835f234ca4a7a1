import type { HistoryEvent } from '../../../schemas/history.ts';
import { historyProblems } from '../../simulation/invariants.ts';
import { FLAKY } from './activity-worker.ts';
import type { Books } from './ledger.ts';

/** What DescribeExecution and GetExecutionHistory tell of an execution. */
export interface Told {
  readonly executionArn: string;
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly events: readonly HistoryEvent[];
}

type Violations = Iterable<string>;

/**
 * What is true of every execution, whatever has happened to the processes that ran it.
 *
 * @returns a sentence for each violation; none when all is well
 */
export function violationsOf(told: Told): string[] {
  const shape = told.status === 'RUNNING' ? [] : historyProblems(told.events);
  const found = [ids, time, ending, tasks, states, iterations].flatMap((rule) => [...rule(told)]);
  return [...new Set([...shape, ...found])].map((violation) => `${told.executionArn}: ${violation}`);
}

function* ids({ events }: Told): Violations {
  for (const [index, { id }] of events.entries()) if (id !== index + 1) yield `event ${index + 1} has id ${id}`;
}

function* time({ events }: Told): Violations {
  for (const [index, { id, timestamp }] of events.entries()) {
    if (timestamp < (events[index - 1]?.timestamp ?? 0)) yield `event ${id} happened before event ${id - 1}`;
  }
}

const TERMINAL = new Map([
  ['ExecutionSucceeded', 'SUCCEEDED'],
  ['ExecutionFailed', 'FAILED'],
  ['ExecutionAborted', 'ABORTED'],
  ['ExecutionTimedOut', 'TIMED_OUT'],
]);

/** The last event says what DescribeExecution says. */
function* ending({ events, status, output, error, cause }: Told): Violations {
  const last = events.at(-1);
  const said = (last && TERMINAL.get(last.type)) ?? 'RUNNING';
  if (said !== status) yield `is ${status} but ends with ${last?.type}`;
  if (status === 'RUNNING') return;
  const details = detailsOf(last);
  if (details['output'] !== output) yield `output ${output}, in its history ${details['output']}`;
  // DescribeExecution tells no error of a time-out.
  if (status === 'TIMED_OUT') return;
  if (details['error'] !== error) yield `error ${error}, in its history ${details['error']}`;
  if (details['cause'] !== cause) yield `cause ${cause}, in its history ${details['cause']}`;
}

/** Every task has an outcome, unless its state or its execution was stopped: a redrive makes new ones. */
function* tasks({ events: all, status }: Told): Violations {
  const events = all.slice(
    Math.max(
      0,
      all.findLastIndex(({ type }) => type === 'ExecutionRedriven'),
    ),
  );
  const open = count(events, /^(Activity|LambdaFunction|Task)Scheduled$/) - count(events, OUTCOME);
  const stopped = count(events, /^TaskStateAborted$/);
  if (open < 0) yield `${-open} outcomes belong to no task`;
  if (status === 'SUCCEEDED' && open > stopped) yield `${open} tasks have no outcome, ${stopped} were stopped`;
}

const OUTCOME = /^(Activity|LambdaFunction|Task)(Succeeded|Failed|TimedOut)$/;

/**
 * A state that ends well leaves as often as it is entered, but for those that were stopped. One that is redriven with edits is
 * entered again, after its own Entered event.
 */
function* states({ events, status }: Told): Violations {
  const isEntered = (event: HistoryEvent | undefined): boolean => event?.type.endsWith('StateEntered') ?? false;
  const stays = events.filter((event) => isEntered(event) && !isEntered(events[event.previousEventId - 1]));
  const entered = stays.length;
  const left = count(events, /StateExited$/);
  const stopped = count(events, /StateAborted$/);
  if (left > entered) yield `${entered} states were entered, ${left} left`;
  const failedInside = count(events, /^(Parallel|Map)StateFailed$|^MapIterationFailed$/);
  if (status === 'SUCCEEDED' && stopped === 0 && failedInside === 0 && left !== entered) {
    yield `${entered} states were entered, ${left} left`;
  }
}

/** Every iteration that starts ends once. */
function* iterations({ events, status }: Told): Violations {
  const started = count(events, /^MapIterationStarted$/);
  const ended = count(events, /^MapIteration(Succeeded|Failed|Aborted)$/);
  if (ended > started || (status === 'SUCCEEDED' && ended !== started)) yield `${started} iterations, ${ended} ended`;
}

/**
 * What workers say against what the histories say: no result is accepted twice, and each that was accepted is the one in the
 * history.
 */
export function violationsOfBooks({ accepted, results }: Books, all: readonly Told[]): string[] {
  const twice = [...accepted]
    .filter(([, times]) => times > 1)
    .map(([token, times]) => `${token} accepted ${times} times`);
  const recorded = new Map<string, number>();
  for (const result of all.flatMap(({ events }) => events.flatMap(resultOf))) {
    recorded.set(result, (recorded.get(result) ?? 0) + 1);
  }
  const repeated = [...recorded]
    .filter(([, times]) => times > 1)
    .map(([result]) => `result ${result} is in two events`);
  const lost = [...results].filter(([, result]) => !recorded.has(result));
  return [...twice, ...repeated, ...lost.map(([token]) => `the result of ${token} was accepted and is nowhere`)];
}

/** The worker's name for the result of an activity. */
function resultOf(event: HistoryEvent): string[] {
  const details = detailsOf(event);
  if (event.type === 'ActivityFailed') return details['error'] === FLAKY ? texts(details['cause']) : [];
  if (event.type !== 'ActivitySucceeded') return [];
  const output: unknown = JSON.parse(String(details['output']));
  return texts(output !== null && typeof output === 'object' && 'result' in output ? output.result : undefined);
}

const texts = (value: unknown): string[] => (typeof value === 'string' ? [value] : []);

const count = (events: readonly HistoryEvent[], pattern: RegExp): number =>
  events.filter(({ type }) => pattern.test(type)).length;

/** The one member with details, whatever its name. */
function detailsOf(event: HistoryEvent | undefined): Readonly<Record<string, unknown>> {
  const member = Object.entries(event ?? {}).find(([name]) => name.endsWith('EventDetails'));
  return (member?.[1] ?? {}) as Readonly<Record<string, unknown>>;
}
