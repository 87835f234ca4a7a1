import { styleText } from 'node:util';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Ended } from './machine.ts';

/** Makes a history readable: one line per attempt at a state. */

export interface Line {
  readonly state: string;
  /** How many Parallel and Map states it is inside of. */
  readonly depth: number;
  /** 1 for the first attempt of a task. */
  readonly attempt: number;
  /** Milliseconds since the execution started. */
  readonly atMs: number;
  /** Undefined as long as it goes on, and for states that take no time. */
  readonly tookMs: number | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

type Draft = { -readonly [K in keyof Line]: Line[K] } & { readonly parent: Draft | undefined };
/** An event that was read, and the line it belongs to. */
type Seen = { readonly line: Draft | undefined; readonly type: string };

/** The names of the states that were entered, in order. */
export const pathOf = (events: readonly HistoryEvent[]): string[] =>
  events.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);

/** Reads a history into lines. */
export function linesOf(events: readonly HistoryEvent[]): Line[] {
  const start = timeOf(events[0]);
  const lines = new Set<Draft>();
  /** The line and the type of every event. An event names the one before it in the same branch: so branches stay apart. */
  const seen = new Map<number, Seen>();
  for (const event of events) {
    const before = seen.get(event.previousEventId ?? 0) ?? { line: undefined, type: '' };
    const line = lineFor(event, before, timeOf(event) - start);
    if (line) close(line, event, timeOf(event) - start);
    if (line) lines.add(line);
    seen.set(event.id ?? 0, { line, type: event.type ?? '' });
  }
  return [...lines];
}

/** The line that an event belongs to: a new one for a state that was entered, or tried again. */
function lineFor(event: HistoryEvent, { line, type: typeBefore }: Seen, atMs: number): Draft | undefined {
  const type = event.type ?? '';
  const fresh = { tookMs: undefined, error: undefined, cause: undefined, atMs };
  const state = event.stateEnteredEventDetails?.name;
  if (state !== undefined) {
    const parent = BRANCH_STARTED.test(typeBefore) ? line : line?.parent;
    return { ...fresh, state, attempt: 1, parent, depth: parent ? parent.depth + 1 : 0 };
  }
  if (!line || endsBranches(event, line, typeBefore)) return line?.parent;
  const isRetry = type === 'ActivityScheduled' && typeBefore !== 'TaskStateEntered';
  return isRetry ? { ...line, ...fresh, attempt: line.attempt + 1 } : line;
}

/** Whether an event is the end of a Parallel or Map, and the one before it still belongs to a branch. */
function endsBranches(event: HistoryEvent, { state }: Line, typeBefore: string): boolean {
  const exited = event.stateExitedEventDetails?.name;
  if (exited !== undefined) return exited !== state;
  return FORK_ENDED.test(event.type ?? '') && !BRANCH_STARTED.test(typeBefore);
}

const BRANCH_STARTED = /^(ParallelState|MapIteration)Started$/;
const FORK_ENDED = /^(Parallel|Map)State(Succeeded|Failed)$/;
const ATTEMPT_ENDED = /^Activity(Succeeded|Failed|TimedOut)$|^WaitStateExited$/;

/** Notes the end of an attempt. */
function close(line: Draft, event: HistoryEvent, atMs: number): void {
  const type = event.type ?? '';
  if (ATTEMPT_ENDED.test(type) || FORK_ENDED.test(type)) line.tookMs = atMs - line.atMs;
  const failure = event.activityFailedEventDetails ?? event.activityTimedOutEventDetails;
  line.error = failure?.error ?? line.error;
  line.cause = failure?.cause ?? line.cause;
}

const timeOf = (event: HistoryEvent | undefined): number => event?.timestamp?.getTime() ?? 0;

/** Whether a state is a step back; such lines are marked. */
export type IsUndo = (state: string) => boolean;

/** Prints a title, the lines in columns, and how it ended. Colour only where somebody looks at it. */
export function printTimeline(title: string, ended: Ended, isUndo: IsUndo = () => false): void {
  const lines = linesOf(ended.events);
  const names = lines.map(({ state, depth }) => `${isUndo(state) ? '<- ' : ''}${'  '.repeat(depth)}${state}`);
  const width = Math.max(5, ...names.map((name) => name.length));
  console.log(`\n${styleText('bold', title)}`);
  console.log(styleText('dim', `  ${'at'.padStart(8)}  ${'state'.padEnd(width)}  try  ${'took'.padStart(8)}  result`));
  for (const [index, line] of lines.entries()) {
    const name = (names[index] ?? '').padEnd(width);
    const took = line.tookMs === undefined ? '' : `${line.tookMs} ms`;
    const columns = [
      `${line.atMs} ms`.padStart(8),
      isUndo(line.state) ? styleText('yellow', name) : name,
      (hasAttempts(line) ? String(line.attempt) : '').padStart(3),
      took.padStart(8),
      resultOf(line),
    ];
    console.log(`  ${columns.join('  ')}`.trimEnd());
  }
  console.log(`  ${endOf(ended)}`);
}

/** States that take no time are entered once. */
const hasAttempts = ({ tookMs, error }: Line): boolean => tookMs !== undefined || error !== undefined;

function resultOf({ error, cause, tookMs }: Line): string {
  if (error !== undefined) return styleText('red', cause ? `${error}: ${cause}` : error);
  return tookMs === undefined ? '' : styleText('green', 'ok');
}

function endOf({ status, output, error, cause }: Ended): string {
  if (status === 'SUCCEEDED') return `${styleText('green', status)} ${shorten(JSON.stringify(output))}`;
  return `${styleText('red', status)} ${error ?? ''}${cause ? `: ${cause}` : ''}`;
}

const LONGEST_OUTPUT = 200;
const shorten = (text: string): string => (text.length > LONGEST_OUTPUT ? `${text.slice(0, LONGEST_OUTPUT)}...` : text);
