import Type from 'typebox';
import { operation } from '../operation.ts';
import { CauseText, ErrorText, Nothing, TaskTokenText } from '../shapes.ts';
import { accept, readTaskToken, workerSpan } from '../task-tokens.ts';

export const sendTaskFailure = operation({
  name: 'SendTaskFailure',
  input: Type.Object({ taskToken: TaskTokenText, error: Type.Optional(ErrorText), cause: Type.Optional(CauseText) }),
  output: Nothing,
  errors: ['InvalidToken', 'TaskDoesNotExist', 'TaskTimedOut'],
  async handle({ taskToken, error, cause }, context) {
    const token = readTaskToken(taskToken, context);
    const result = {
      type: 'failed',
      ...workerSpan(context),
      ...(error !== undefined && { error: error.toWellFormed() }),
      ...(cause !== undefined && { cause: cause.toWellFormed() }),
    } as const;
    return accept(await context.store.executions.settleTask(token, result, context.attemptId), context);
  },
});
