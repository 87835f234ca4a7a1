import Type from 'typebox';
import { operation } from '../operation.ts';
import { REDRIVE_ERRORS, redrive } from '../redriving.ts';
import { ArnText, ClientToken, seconds, Timestamp } from '../shapes.ts';

export const redriveExecution = operation({
  name: 'RedriveExecution',
  input: Type.Object({ executionArn: ArnText, clientToken: Type.Optional(ClientToken) }),
  output: Type.Object({ redriveDate: Timestamp }),
  errors: REDRIVE_ERRORS,
  async handle({ executionArn, clientToken }, context) {
    // An attempt that is repeated without a token of its own is answered like the first, too.
    return { redriveDate: seconds(await redrive(executionArn, clientToken ?? context.attemptId, context)) };
  },
});
