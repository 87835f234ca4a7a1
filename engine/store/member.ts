import type { ExecutionState } from '../../schemas/execution.ts';
import type { ExecutionId } from '../../schemas/task.ts';
import { changeId, type StatusChange } from '../../schemas/webhook.ts';
import type { TimerPurpose } from '../interpreter/stimulus.ts';

/** How a shard's outbox and timers name a task or timer of one of its executions. */
export const taskMember = (id: ExecutionId, visit: number): string => `${id}|${visit}`;
export const timerMember = (id: ExecutionId, visit: number, purpose: TimerPurpose): string =>
  `${id}|${visit}|${purpose}`;

/** The parts of either. */
export function splitMember(member: string): { id: ExecutionId; visit: number; purpose: TimerPurpose } {
  const [id, visit, purpose] = member.split('|');
  return { id: id as ExecutionId, visit: Number(visit), purpose: purpose as TimerPurpose };
}

/** The id of the notice that webhooks are to hear of a change. */
export const changeNotice = (id: ExecutionId, change: StatusChange): string => `${id}|${changeId(change)}`;

/** The ids of notices that tell of an execution as it has closed: without it they could not be told. */
export const closingNotices = (id: ExecutionId, state: Closed, redrives: Pick<StatusChange, 'redrives'>): string[] => [
  `${id}|${state.stopMs}`,
  changeNotice(id, { state, ...redrives }),
  changeNotice(id, { state: { status: 'RUNNING' }, ...redrives }),
];

type Closed = Exclude<ExecutionState, { status: 'RUNNING' }>;

/** The id of the notice that an execution was started for a task. */
export const startedNotice = (id: ExecutionId): string => `${id}|w`;
