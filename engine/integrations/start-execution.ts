import { randomUUID } from 'node:crypto';
import { ERROR } from '../../schemas/errors.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../schemas/json.ts';
import { describeResource, type ResourceDescription } from '../../schemas/resource.ts';
import { formatWaiter, type TaskResult, type Waiter } from '../../schemas/task.ts';
import { failed, type Integration } from './integration.ts';
import { type Headers, refused, sdkMetadata, tryParse } from './service.ts';

/** StartExecution of the API, without HTTP. */
export type StartExecution = (request: {
  readonly stateMachineArn: string;
  readonly name?: string;
  /** A JSON text. */
  readonly input: string;
  /** Makes a repeated request recognisable, so that a task that runs twice starts one execution. */
  readonly requestId: string;
  /** Hears of the end of the execution. */
  readonly waiter?: Waiter;
  /** The span that starts it (W3C Trace Context). */
  readonly traceparent?: string;
}) => Promise<
  | { readonly outcome: 'started'; readonly executionArn: string; readonly startMs: number }
  /** An error of the API: its name and message as the wire has them. */
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }
>;

const STEP_FUNCTIONS = { errorPrefix: 'StepFunctions', name: 'AWSStepFunctions' };

/** What becomes of a task whose execution has been started. */
type Wait = 'no' | 'token' | 'texts' | 'json';

const WAITS: Readonly<Record<string, Wait>> = {
  startExecution: 'no',
  'startExecution.waitForTaskToken': 'token',
  'startExecution.sync': 'texts',
  'startExecution.sync:2': 'json',
};

const waitOf = (description: ResourceDescription | undefined): Wait | undefined =>
  description?.resourceType === 'states' && Object.hasOwn(WAITS, description.resource)
    ? WAITS[description.resource]
    : undefined;

/**
 * `states:startExecution`: starts an execution and does not wait for it; with `.sync` until it has ended (whoever ends it tells the
 * task), with `.waitForTaskToken` until somebody sends the token back.
 */
export const startExecution = (start: StartExecution): Integration => ({
  performs: (description) => waitOf(description) !== undefined,

  async perform({ resource, input, taskToken, traceparent }) {
    const wait = waitOf(describeResource(resource));
    const ends = wait === 'texts' || wait === 'json';
    const parameters = tryParse(input);
    const stateMachineArn = isJsonObject(parameters) ? member(parameters, 'StateMachineArn') : undefined;
    if (!isJsonObject(parameters) || typeof stateMachineArn !== 'string') return noMachine(input);
    const name = member(parameters, 'Name');
    const answer = await start({
      stateMachineArn,
      input: inputOf(parameters),
      requestId: taskToken,
      ...(typeof name === 'string' && { name }),
      ...(ends && { waiter: formatWaiter(taskToken, wait === 'json') }),
      ...(traceparent !== undefined && { traceparent }),
    });
    const requestId = randomUUID();
    if (answer.outcome === 'refused') return refused(STEP_FUNCTIONS, { ...answer, status: 400, requestId });
    const output = JSON.stringify(outputOf(answer, requestId));
    if (wait === 'no') return { type: 'succeeded', output };
    return { type: 'submitted', output, ...(ends && { childArn: answer.executionArn }) };
  },
});

const noMachine = (input: string): TaskResult =>
  failed(
    ERROR.runtime,
    `The Parameters '${input}' could not be used to start the Task: [The field 'StateMachineArn' is required but was missing]`,
  );

/** Input may be any JSON; a text is taken as the JSON text itself, as the API does. */
function inputOf(parameters: JsonObject): string {
  const input: Json | undefined = member(parameters, 'Input');
  if (input === undefined || input === null) return '{}';
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** The answer with the headers that it has on the wire. */
function outputOf(answer: { readonly executionArn: string; readonly startMs: number }, requestId: string): object {
  // AWS writes the instant as Java writes a double.
  const [digits] = (answer.startMs / 1000).toExponential().split('e');
  const body = `{"executionArn":"${answer.executionArn}","startDate":${digits}E9}`;
  const headers: Headers = [
    ['x-amzn-RequestId', requestId],
    ['connection', 'keep-alive'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Date', new Date(answer.startMs).toUTCString()],
    ['Content-Type', 'application/x-amz-json-1.0'],
  ];
  return {
    ExecutionArn: answer.executionArn,
    ...sdkMetadata(200, headers, requestId),
    StartDate: new Date(answer.startMs).toISOString(),
  };
}
