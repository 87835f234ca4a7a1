import type { TokenAnswer } from '../engine/store/store.ts';
import { parseTaskToken, type TaskResult, type TaskToken } from '../schemas/task.ts';
import type { Context } from './operation.ts';

/** @throws ApiError InvalidToken when the text is none of our tokens */
export function readTaskToken(text: string, { reject }: Context<'InvalidToken'>): TaskToken {
  const token = parseTaskToken(text);
  if (!token) throw reject('InvalidToken');
  return token;
}

/** Turns the store's answer about a token into the operation's: nothing, or why not. */
export function accept(
  answer: TokenAnswer,
  { reject }: Context<'TaskDoesNotExist' | 'TaskTimedOut'>,
): Record<never, never> {
  if (answer === 'closed') throw reject('TaskTimedOut');
  if (answer === 'unknown') throw reject('TaskDoesNotExist');
  return {};
}

/** The span in which the worker did the task, when its request says so. */
export const workerSpan = ({ traceparent }: Context): Pick<TaskResult, 'traceparent'> =>
  traceparent === undefined ? {} : { traceparent };
