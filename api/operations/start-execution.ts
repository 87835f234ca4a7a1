import Type from 'typebox';
import { executionArn, parseArn } from '../../schemas/arn.ts';
import { jsonComplaint } from '../json-text.ts';
import { operation } from '../operation.ts';
import { findMachine, requireName } from '../resources.ts';
import { ArnText, Name, Payload, seconds, Timestamp, TraceHeader } from '../shapes.ts';

export const startExecution = operation({
  name: 'StartExecution',
  input: Type.Object({
    stateMachineArn: ArnText,
    name: Type.Optional(Name),
    input: Type.Optional(Payload),
    traceHeader: Type.Optional(TraceHeader),
  }),
  output: Type.Object({ executionArn: Type.String(), startDate: Timestamp }),
  errors: ['ExecutionAlreadyExists', 'InvalidArn', 'InvalidExecutionInput', 'InvalidName', 'StateMachineDoesNotExist'],
  async handle({ stateMachineArn, name: wanted, input = '{}', traceHeader }, context) {
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
  },
});
