import type { ExecutionId, TaskId } from '../../../schemas/task.ts';

/**
 * A task's job id carries the whole TaskId, so that a job needs no data. BullMQ refuses colons and
 * ids of digits only; an ExecutionId has no colon, and the hyphen is never a digit.
 */
export const formatJobId = (id: TaskId): string => `${id.executionId}-${id.visit}`;

/** The TaskId of a job; undefined for a job that is not ours. */
export function parseJobId(jobId: string): TaskId | undefined {
  const [, executionId, visit] = /^([A-Za-z0-9_-]{22})-([1-9]\d{0,14})$/.exec(jobId) ?? [];
  return executionId === undefined ? undefined : { executionId: executionId as ExecutionId, visit: Number(visit) };
}
