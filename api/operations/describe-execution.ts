import Type from 'typebox';
import type { ExecutionDescription } from '../../engine/store/store.ts';
import { type Context, operation } from '../operation.ts';
import { redriveStatus } from '../redrive-status.ts';
import { readArn } from '../resources.ts';
import { ArnText, DataDetails, ExecutionStatusName, IncludedData, oneOf, seconds, Timestamp } from '../shapes.ts';

export const describeExecution = operation({
  name: 'DescribeExecution',
  input: Type.Object({ executionArn: ArnText, includedData: Type.Optional(IncludedData) }),
  output: Type.Object({
    executionArn: Type.String(),
    stateMachineArn: Type.String(),
    name: Type.String(),
    status: ExecutionStatusName,
    startDate: Timestamp,
    stopDate: Type.Optional(Timestamp),
    input: Type.Optional(Type.String()),
    inputDetails: DataDetails,
    output: Type.Optional(Type.String()),
    outputDetails: Type.Optional(DataDetails),
    traceHeader: Type.Optional(Type.String()),
    mapRunArn: Type.Optional(Type.String()),
    stateMachineVersionArn: Type.Optional(Type.String()),
    stateMachineAliasArn: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
    cause: Type.Optional(Type.String()),
    redriveCount: Type.Integer(),
    redriveDate: Type.Optional(Timestamp),
    redriveStatus: oneOf('REDRIVABLE', 'NOT_REDRIVABLE', 'REDRIVABLE_BY_MAP_RUN'),
    redriveStatusReason: Type.Optional(Type.String()),
  }),
  errors: ['ExecutionDoesNotExist', 'InvalidArn'],
  async handle({ executionArn, includedData }, context) {
    readArn('execution', executionArn, context);
    const execution = await context.store.executions.describe(executionArn);
    if (!execution) throw context.reject('ExecutionDoesNotExist', executionArn);
    return toldExecution(execution, includedData !== 'METADATA_ONLY', context);
  },
});

/** @param included whether input and output are told */
export async function toldExecution(execution: ExecutionDescription, included: boolean, context: Context) {
  return {
    executionArn: execution.executionArn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startMs),
    stopDate: execution.status === 'RUNNING' ? undefined : seconds(execution.stopMs),
    input: included ? execution.input : undefined,
    inputDetails: { included },
    ...ending(execution, included),
    traceHeader: execution.traceHeader,
    mapRunArn: execution.child?.mapRunArn,
    stateMachineVersionArn: execution.stateMachineVersionArn,
    stateMachineAliasArn: execution.stateMachineAliasArn,
    redriveCount: execution.redrives?.count ?? 0,
    redriveDate: execution.redrives && seconds(execution.redrives.lastMs),
    ...(await redriveStatus(execution, context)),
  };
}

/** How it ended, as far as it has. AWS tells no error of a time-out: States.Timeout is in the history only. */
function ending(execution: ExecutionDescription, included: boolean) {
  if (execution.status === 'SUCCEEDED') {
    return { output: included ? execution.output : undefined, outputDetails: { included } };
  }
  if (execution.status === 'RUNNING' || execution.status === 'TIMED_OUT') return {};
  return { error: execution.error, cause: execution.cause };
}
