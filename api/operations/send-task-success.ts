import Type from 'typebox';
import { jsonComplaint } from '../json-text.ts';
import { operation } from '../operation.ts';
import { Nothing, Payload, TaskTokenText } from '../shapes.ts';
import { accept, readTaskToken, workerSpan } from '../task-tokens.ts';

export const sendTaskSuccess = operation({
  name: 'SendTaskSuccess',
  input: Type.Object({ taskToken: TaskTokenText, output: Payload }),
  output: Nothing,
  errors: ['InvalidOutput', 'InvalidToken', 'TaskDoesNotExist', 'TaskTimedOut'],
  async handle({ taskToken, output }, context) {
    const token = readTaskToken(taskToken, context);
    const complaint = jsonComplaint(output, context);
    if (complaint !== undefined) throw context.reject('InvalidOutput', complaint);
    const result = { type: 'succeeded', output, ...workerSpan(context) } as const;
    return accept(await context.store.executions.settleTask(token, result, context.attemptId), context);
  },
});
