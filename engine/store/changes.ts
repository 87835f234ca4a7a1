import type { ExecutionStatus } from '../../schemas/execution.ts';
import type { ExecutionId } from '../../schemas/task.ts';
import { isEphemeral } from './lists.ts';
import type { ExecutionChange } from './live.ts';
import type { ExecutionWrite } from './store.ts';

/** What a commit tells those who listen: one line for each execution that it writes. */

/** Undefined for an execution of which nothing is kept. */
export function changeOf(write: ExecutionWrite): ExecutionChange | undefined {
  const { executionId, record, head } = write;
  if (isEphemeral(record)) return undefined;
  const change = { executionId, status: head.state.status, events: head.events };
  return changesStatus(write) ? { ...change, executionArn: record.executionArn } : change;
}

function changesStatus({ closed, events, head }: ExecutionWrite): boolean {
  if (closed || events.length === head.events) return true;
  return head.redrives !== undefined && events.some((event) => event.includes('"type":"ExecutionRedriven"'));
}

const LETTERS: Readonly<Record<ExecutionStatus, string>> = {
  RUNNING: 'R',
  SUCCEEDED: 'S',
  FAILED: 'F',
  TIMED_OUT: 'T',
  ABORTED: 'A',
};
const STATUSES = new Map(Object.entries(LETTERS).map(([status, letter]) => [letter, status as ExecutionStatus]));

/** `<executionId> <status> <events>`, and the ARN when the status has changed. */
export const formatChange = ({ executionId, status, events, executionArn }: ExecutionChange): string =>
  `${executionId} ${LETTERS[status]} ${events}${executionArn === undefined ? '' : ` ${executionArn}`}`;

/** Undefined for a line of another release. */
export function parseChange(line: string): ExecutionChange | undefined {
  const [executionId = '', letter = '', events = '', executionArn] = line.split(' ');
  const status = STATUSES.get(letter);
  if (status === undefined) return undefined;
  const change = { executionId: executionId as ExecutionId, status, events: Number(events) };
  return executionArn === undefined ? change : { ...change, executionArn };
}

/** The execution that a line is about. */
export const changedId = (line: string): ExecutionId => line.slice(0, line.indexOf(' ')) as ExecutionId;
