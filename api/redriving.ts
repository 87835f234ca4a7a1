import type { ExecutionDescription, RedriveChange } from '../engine/store/store.ts';
import type { Context } from './operation.ts';
import { redriveStatus } from './redrive-status.ts';
import { readArn } from './resources.ts';

export const REDRIVE_ERRORS = ['ExecutionDoesNotExist', 'ExecutionNotRedrivable', 'InvalidArn'] as const;
export type RedriveContext = Pick<Context<(typeof REDRIVE_ERRORS)[number]>, 'store' | 'config' | 'reject'>;

/** What is to be otherwise than before, of an execution that can be redriven; refuses by throwing. */
export type ChangeOf = (execution: ExecutionDescription) => Promise<RedriveChange>;

/**
 * Redrives an execution, once for each token.
 *
 * @returns when it was redriven, in epoch milliseconds
 * @throws ApiError one of {@link REDRIVE_ERRORS}, ValidationException
 */
export async function redrive(
  executionArn: string,
  token: string,
  context: RedriveContext,
  changeOf?: ChangeOf,
): Promise<number> {
  const { names } = readArn('execution', executionArn, context);
  // The execution is a Map Run's, whose parent is to be redriven.
  if (names[0]?.includes('/')) {
    throw context.reject(
      'ValidationException',
      'Labeled Execution ARNs are not supported for this API',
      'API_DOES_NOT_SUPPORT_LABELED_ARNS',
    );
  }
  // What the token did is not asked again whether it can be done.
  const done = changeOf && (await context.store.executions.redrive(executionArn, token, undefined));
  if (typeof done === 'object') return done.redriveMs;
  for (;;) {
    const redriveMs = await attempt(executionArn, token, context, changeOf);
    if (redriveMs !== undefined) return redriveMs;
  }
}

/** Nothing when somebody else has redriven it meanwhile: it stands another way now. */
async function attempt(
  executionArn: string,
  token: string,
  context: RedriveContext,
  changeOf: ((execution: ExecutionDescription) => Promise<RedriveChange>) | undefined,
): Promise<number | undefined> {
  const { executions } = context.store;
  const execution = await executions.describe(executionArn);
  if (!execution) throw context.reject('ExecutionDoesNotExist', executionArn);
  const status = await redriveStatus(execution, context);
  const redrivable = execution.status !== 'RUNNING' && status.redriveStatus === 'REDRIVABLE';
  const change = redrivable && changeOf ? await changeOf(execution) : undefined;
  const redriven = await executions.redrive(executionArn, token, redrivable ? execution.stopMs : undefined, change);
  if (typeof redriven === 'object') return redriven.redriveMs;
  if (status.redriveStatus !== 'NOT_REDRIVABLE') return undefined;
  throw context.reject('ExecutionNotRedrivable', executionArn, status.redriveStatusReason);
}
