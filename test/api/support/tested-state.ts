import { TestStateCommand, type TestStateCommandInput } from '@aws-sdk/client-sfn';
import type { RunningApi } from './running-api.ts';

/** States to be tested, and TestState with values in place of JSON texts. */

export const ROLE = 'arn:aws:iam::000000000000:role/r';
export const INVOKE = 'arn:aws:states:::lambda:invoke';
export const START = 'arn:aws:states:::states:startExecution';
export const CALLBACK = 'arn:aws:states:::lambda:invoke.waitForTaskToken';

export type Asked = Omit<TestStateCommandInput, 'definition' | 'input' | 'mock' | 'context' | 'variables'> & {
  readonly input?: unknown;
  readonly variables?: unknown;
  readonly context?: unknown;
  readonly mock?: { result?: unknown; error?: string; cause?: string; mode?: 'STRICT' | 'PRESENT' | 'NONE' };
};

const texts = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, JSON.stringify(value)]])),
  );

/** Tests a state; what is JSON text on the wire is JSON here. */
export async function tested(
  api: RunningApi,
  definition: object,
  { input, variables, context, mock, ...rest }: Asked = {},
) {
  const { error, cause, mode, result } = mock ?? {};
  const command = new TestStateCommand({
    definition: JSON.stringify(definition),
    ...texts({ input, variables, context }),
    ...(mock && {
      mock: {
        ...texts({ result }),
        ...(error !== undefined && { errorOutput: { error, ...(cause !== undefined && { cause }) } }),
        ...(mode !== undefined && { fieldValidationMode: mode }),
      },
    }),
    ...rest,
  });
  const { $metadata: _, ...told } = await api.client.send(command);
  return JSON.parse(JSON.stringify(told), (_name, value) => {
    if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
    return JSON.parse(value);
  });
}

export const refused = (api: RunningApi, definition: object, asked?: Asked) =>
  tested(api, definition, asked).then(
    (told) => told,
    (error: Error) => `${error.name}: ${error.message}`,
  );

export const pass = { Type: 'Pass', End: true };
export const task = { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: 'f', Payload: 1 }, End: true };
export const processor = { StartAt: 'Each', States: { Each: pass } };
export const map = { Type: 'Map', ItemsPath: '$.list', ItemProcessor: processor, End: true };
export const branches = [processor, { StartAt: 'Other', States: { Other: pass } }];
export const parallel = { Type: 'Parallel', Branches: branches, End: true };
export const mocked = { result: {} };
export const failing = { error: 'Oops', cause: 'It broke' };
