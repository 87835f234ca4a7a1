import Type from 'typebox';
import { operation } from '../operation.ts';
import { readArn } from '../resources.ts';
import { ArnText, CauseText, ErrorText, seconds, Timestamp } from '../shapes.ts';

export const stopExecution = operation({
  name: 'StopExecution',
  input: Type.Object({ executionArn: ArnText, error: Type.Optional(ErrorText), cause: Type.Optional(CauseText) }),
  output: Type.Object({ stopDate: Timestamp }),
  errors: ['ExecutionDoesNotExist', 'InvalidArn'],
  async handle({ executionArn, error, cause }, context) {
    readArn('execution', executionArn, context);
    const stopped = await context.store.executions.stop(executionArn, {
      ...(error !== undefined && { error: error.toWellFormed() }),
      ...(cause !== undefined && { cause: cause.toWellFormed() }),
    });
    if (!stopped) throw context.reject('ExecutionDoesNotExist', executionArn);
    return { stopDate: seconds(stopped.stopMs) };
  },
});
