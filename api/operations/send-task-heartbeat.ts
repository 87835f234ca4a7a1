import Type from 'typebox';
import { operation } from '../operation.ts';
import { Nothing, TaskTokenText } from '../shapes.ts';
import { accept, readTaskToken } from '../task-tokens.ts';

export const sendTaskHeartbeat = operation({
  name: 'SendTaskHeartbeat',
  input: Type.Object({ taskToken: TaskTokenText }),
  output: Nothing,
  errors: ['InvalidToken', 'TaskDoesNotExist', 'TaskTimedOut'],
  async handle({ taskToken }, context) {
    return accept(await context.store.executions.heartbeatTask(readTaskToken(taskToken, context)), context);
  },
});
