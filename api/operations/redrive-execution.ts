import Type from 'typebox';
import { operation } from '../operation.ts';
import { redriveStatus } from '../redrive-status.ts';
import { readArn } from '../resources.ts';
import { ArnText, ClientToken, seconds, Timestamp } from '../shapes.ts';

export const redriveExecution = operation({
  name: 'RedriveExecution',
  input: Type.Object({ executionArn: ArnText, clientToken: Type.Optional(ClientToken) }),
  output: Type.Object({ redriveDate: Timestamp }),
  errors: ['ExecutionDoesNotExist', 'ExecutionNotRedrivable', 'InvalidArn'],
  async handle({ executionArn, clientToken }, context) {
    const { names } = readArn('execution', executionArn, context);
    // The execution is a Map Run's, whose parent is to be redriven.
    if (names[0]?.includes('/')) {
      throw context.reject(
        'ValidationException',
        'Labeled Execution ARNs are not supported for this API',
        'API_DOES_NOT_SUPPORT_LABELED_ARNS',
      );
    }
    const { executions } = context.store;
    // An attempt that is repeated without a token of its own is answered like the first, too.
    const token = clientToken ?? context.attemptId;
    for (;;) {
      const execution = await executions.describe(executionArn);
      if (!execution) throw context.reject('ExecutionDoesNotExist', executionArn);
      const status = await redriveStatus(execution, context);
      const stopMs =
        execution.status !== 'RUNNING' && status.redriveStatus === 'REDRIVABLE' ? execution.stopMs : undefined;
      const redriven = await executions.redrive(executionArn, token, stopMs);
      if (typeof redriven === 'object') return { redriveDate: seconds(redriven.redriveMs) };
      if (status.redriveStatus === 'NOT_REDRIVABLE') {
        throw context.reject('ExecutionNotRedrivable', executionArn, status.redriveStatusReason);
      }
      // Somebody else has redriven it meanwhile: it stands another way now.
    }
  },
});
