import Type, { type Static } from 'typebox';
import { executionArn, parseArn } from '../../schemas/arn.ts';
import type { Waiter } from '../../schemas/task.ts';
import { beginExpress } from '../express.ts';
import { type Context, operation } from '../operation.ts';
import { seconds, Timestamp } from '../shapes.ts';
import { type AskedStart, attributesOf, newRecord, readStart, START_ERRORS, START_MEMBERS } from '../start-request.ts';

const Input = Type.Object(START_MEMBERS);
const ERRORS = ['ExecutionAlreadyExists', 'ExecutionLimitExceeded', ...START_ERRORS] as const;

export interface Started {
  readonly executionArn: string;
  readonly startDate: number;
}

/** What StartExecution does, also for tasks that start executions. */
export async function start(input: Static<typeof Input>, context: Context<(typeof ERRORS)[number]>): Promise<Started> {
  const asked = await readStart(input, context);
  if (asked.machine.type === 'STANDARD') return startDurable(asked, input.name !== undefined, context);
  const begun = await beginExpress(asked, context);
  return { executionArn: begun.executionArn, startDate: seconds(begun.startMs) };
}

/** The same for a task that waits for the end: of an Express execution there is nobody to tell it. */
export async function startAndTell(
  input: Static<typeof Input>,
  waiter: Waiter,
  context: Context<(typeof ERRORS)[number] | 'StateMachineTypeNotSupported'>,
): Promise<Started> {
  const asked = await readStart(input, context);
  if (asked.machine.type === 'EXPRESS') throw context.reject('StateMachineTypeNotSupported');
  return startDurable(asked, input.name !== undefined, context, waiter);
}

async function startDurable(
  asked: AskedStart,
  named: boolean,
  context: Context<'ExecutionAlreadyExists'>,
  waiter?: Waiter,
): Promise<Started> {
  const { machine, name } = asked;
  const arn = executionArn(parseArn(machine.stateMachineArn), machine.name, name);
  const { executions } = context.store;
  const record = { ...newRecord(arn, asked, context), ...attributesOf(asked, context) };
  await context.openExecutions.admit();
  const { outcome, startMs } = await executions.start(record, context.attemptId, waiter);
  // A name that was drawn is this very request's: an attempt long ago has started the execution, and it may have ended.
  if (outcome === 'exists' && named) throw context.reject('ExecutionAlreadyExists', arn);
  return { executionArn: arn, startDate: seconds(startMs) };
}

export const startExecution = operation({
  name: 'StartExecution',
  input: Input,
  output: Type.Object({ executionArn: Type.String(), startDate: Timestamp }),
  errors: ERRORS,
  handle: start,
});
