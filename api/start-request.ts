import Type, { type Static } from 'typebox';
import type { StateMachineRecord } from '../engine/store/store.ts';
import type { ExecutionRecord } from '../schemas/execution.ts';
import { jsonComplaint } from './json-text.ts';
import type { Context } from './operation.ts';
import { findMachine, requireName } from './resources.ts';
import { ArnText, Name, Payload, TraceHeader } from './shapes.ts';

/** What the requests that start an execution have in common. */

export const START_MEMBERS = {
  stateMachineArn: ArnText,
  name: Type.Optional(Name),
  input: Type.Optional(Payload),
  traceHeader: Type.Optional(TraceHeader),
};

const StartMembers = Type.Object(START_MEMBERS);

export const START_ERRORS = ['InvalidArn', 'InvalidExecutionInput', 'InvalidName', 'StateMachineDoesNotExist'] as const;
type StartError = (typeof START_ERRORS)[number];

/** A request to start an execution, checked. */
export interface AskedStart {
  readonly machine: StateMachineRecord;
  readonly name: string;
  readonly input: string;
  readonly traceHeader: string | undefined;
}

/** @throws ApiError InvalidArn, StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, in this order */
export async function readStart(
  { stateMachineArn, name, input = '{}', traceHeader }: Static<typeof StartMembers>,
  context: Context<StartError>,
): Promise<AskedStart> {
  const machine = await findMachine(stateMachineArn, context);
  if (name !== undefined) requireName(name, context);
  const complaint = input === '{}' ? undefined : jsonComplaint(input, context);
  if (complaint !== undefined) throw context.reject('InvalidExecutionInput', complaint);
  // An attempt that is repeated gets the name that it got before, and so starts nothing twice.
  const drawn = context.ids.uuidOf(`${stateMachineArn} ${context.attemptId}`);
  return { machine, name: name ?? drawn, input, traceHeader };
}

/** The record of a new execution of that ARN. */
export function newRecord(
  executionArn: string,
  { machine, name, input, traceHeader }: AskedStart,
  { ids }: Context,
): Omit<ExecutionRecord, 'startMs'> {
  return {
    executionId: ids.executionId(executionArn),
    executionArn,
    name,
    stateMachineArn: machine.stateMachineArn,
    stateMachineName: machine.name,
    roleArn: machine.roleArn,
    revisionId: machine.revisionId,
    input,
    seed: ids.uuid(),
    ...(traceHeader !== undefined && { traceHeader }),
  };
}
