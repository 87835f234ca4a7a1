import Type, { type Static } from 'typebox';
import { executionArn, parseArn } from '../../schemas/arn.ts';
import { jsonComplaint } from '../json-text.ts';
import { type Context, operation } from '../operation.ts';
import { findMachine, requireName } from '../resources.ts';
import { ArnText, Name, Payload, seconds, Timestamp, TraceHeader } from '../shapes.ts';

const Input = Type.Object({
  stateMachineArn: ArnText,
  name: Type.Optional(Name),
  input: Type.Optional(Payload),
  traceHeader: Type.Optional(TraceHeader),
});

const START_ERRORS = [
  'ExecutionAlreadyExists',
  'InvalidArn',
  'InvalidExecutionInput',
  'InvalidName',
  'StateMachineDoesNotExist',
] as const;
type StartError = (typeof START_ERRORS)[number];

/** What StartExecution does, also for tasks that start executions. */
export async function start(
  { stateMachineArn, name: wanted, input = '{}', traceHeader }: Static<typeof Input>,
  context: Context<StartError>,
): Promise<{ executionArn: string; startDate: number }> {
  const { store, ids, attemptId, reject } = context;
  const machine = await findMachine(stateMachineArn, context);
  if (wanted !== undefined) requireName(wanted, context);
  const complaint = input === '{}' ? undefined : jsonComplaint(input, context);
  if (complaint !== undefined) throw reject('InvalidExecutionInput', complaint);
  const name = wanted ?? ids.uuid();
  const arn = executionArn(parseArn(stateMachineArn), machine.name, name);
  const { outcome, startMs } = await store.executions.start(
    {
      executionId: ids.executionId(arn),
      executionArn: arn,
      name,
      stateMachineArn,
      stateMachineName: machine.name,
      roleArn: machine.roleArn,
      revisionId: machine.revisionId,
      input,
      seed: ids.uuid(),
      ...(traceHeader !== undefined && { traceHeader }),
    },
    attemptId,
  );
  if (outcome === 'exists') throw reject('ExecutionAlreadyExists', arn);
  return { executionArn: arn, startDate: seconds(startMs) };
}

export const startExecution = operation({
  name: 'StartExecution',
  input: Input,
  output: Type.Object({ executionArn: Type.String(), startDate: Timestamp }),
  errors: START_ERRORS,
  handle: start,
});
