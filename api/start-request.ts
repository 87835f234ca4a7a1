import Type, { type Static } from 'typebox';
import type { ExecutionRecord } from '../schemas/execution.ts';
import { jsonComplaint } from './json-text.ts';
import type { Context } from './operation.ts';
import { byWeight, findQualified, type QualifiedMachine } from './qualified-machine.ts';
import { requireName } from './resources.ts';
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
export interface AskedStart extends QualifiedMachine {
  readonly name: string;
  readonly input: string;
  readonly traceHeader: string | undefined;
}

/** @throws ApiError InvalidArn, StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, in this order */
export async function readStart(
  { stateMachineArn, name, input = '{}', traceHeader }: Static<typeof StartMembers>,
  context: Context<StartError>,
): Promise<AskedStart> {
  const found = await findQualified(stateMachineArn, byWeight(context.random()), context);
  if (name !== undefined) requireName(name, context);
  const complaint = input === '{}' ? undefined : jsonComplaint(input, context);
  if (complaint !== undefined) throw context.reject('InvalidExecutionInput', complaint);
  // An attempt that is repeated gets the name that it got before, and so starts nothing twice.
  const drawn = context.ids.uuidOf(`${stateMachineArn} ${context.attemptId}`);
  return { ...found, name: name ?? drawn, input, traceHeader };
}

/** The record of a new execution of that ARN. */
export function newRecord(
  executionArn: string,
  { machine, stateMachineVersionArn, stateMachineAliasArn, name, input, traceHeader }: AskedStart,
  { ids, traceparent }: Context,
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
    ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
    ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
    ...(traceHeader !== undefined && { traceHeader }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** The search attributes that its machine has at this moment, with their values in its input. */
export function attributesOf(
  { machine: { searchAttributes }, input }: AskedStart,
  { machines }: Context,
): Pick<ExecutionRecord, 'attributes'> {
  if (!searchAttributes) return {};
  const attributes = machines.attributes.read(searchAttributes, input);
  return Object.keys(attributes).length === 0 ? {} : { attributes };
}
