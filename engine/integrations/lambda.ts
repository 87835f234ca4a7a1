import type { ArnScope } from '../../schemas/arn.ts';
import { ERROR } from '../../schemas/errors.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../schemas/json.ts';
import { describeResource } from '../../schemas/resource.ts';
import type { TaskOutcome, TaskRequest } from '../../schemas/task.ts';
import { formatTraceparent, formatXRayHeader, parseTraceparent } from '../../schemas/trace.ts';
import { failed, type Integration } from './integration.ts';
import { type FunctionName, parseFunctionName } from './lambda/function-name.ts';
import { type Invoked, invoke } from './lambda/invoke.ts';
import { header, MAX_RESULT_BYTES, requestIdOf, sdkMetadata, tooLarge, tryParse } from './service.ts';

export interface LambdaOptions {
  /** Base URL of a Lambda Invoke API; undefined when none is configured. */
  readonly endpoint: string | undefined;
  /** Where functions are that are named without region and account. */
  readonly scope: ArnScope;
  /** How long one invocation may take. */
  readonly timeoutMs?: number;
}

/** The longest that a function runs on AWS, and a little for the way. */
const TIMEOUT_MS = 905_000;

/** A function's own ARN as Resource: the input is the payload, and so is the result. */
export const lambdaFunction = (options: LambdaOptions): Integration => ({
  performs: ({ family }) => family === 'LambdaFunction',

  async perform({ resource, input, traceparent }, signal) {
    const target = parseFunctionName(resource, options.scope);
    if (!target) return failed(ERROR.runtime, `The resource ${resource} is not recognized.`);
    const { endpoint, timeoutMs = TIMEOUT_MS } = options;
    const call = {
      endpoint,
      target,
      payload: input,
      headers: traceHeaders(traceparent),
      task: resource,
      timeoutMs,
      signal,
    };
    const invoked = await invoke({ ...call, errorText: (payload) => payload });
    return 'type' in invoked ? invoked : { type: 'succeeded', output: payloadJson(invoked.payload) ?? 'null' };
  },
});

/** `lambda:invoke` and `lambda:invoke.waitForTaskToken`: the parameters and the answer of the Lambda Invoke API. */
export const lambdaInvoke = (options: LambdaOptions): Integration => ({
  performs: ({ resourceType, resource }) => resourceType === 'lambda' && /^invoke(\.waitForTaskToken)?$/.test(resource),

  async perform(request, signal) {
    const parameters = tryParse(request.input);
    const target = isJsonObject(parameters) ? targetOf(parameters, options.scope) : undefined;
    if (!isJsonObject(parameters) || !target) return noFunction(request.input);
    const { endpoint, timeoutMs = TIMEOUT_MS } = options;
    const payload = payloadOf(member(parameters, 'Payload'));
    const headers = { ...headersOf(parameters), ...traceHeaders(request.traceparent) };
    const call = { endpoint, target, payload, headers, task: 'lambda', timeoutMs, signal };
    return answerOf(request, await invoke({ ...call, errorText: compact }));
  },
});

/** The span of the task, in the header that functions know from AWS X-Ray and in that of W3C Trace Context. */
function traceHeaders(traceparent: string | undefined): Record<string, string> {
  const span = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  if (!span) return {};
  return { 'X-Amzn-Trace-Id': formatXRayHeader(span), traceparent: formatTraceparent(span) };
}

const noFunction = (input: string): TaskOutcome =>
  failed(
    ERROR.runtime,
    `The Parameters '${input}' could not be used to start the Task: [The field 'FunctionName' is required but was missing]`,
  );

function targetOf(parameters: JsonObject, scope: ArnScope): FunctionName | undefined {
  const name = member(parameters, 'FunctionName');
  const target = typeof name === 'string' ? parseFunctionName(name, scope) : undefined;
  const qualifier = member(parameters, 'Qualifier');
  return target && typeof qualifier === 'string' ? { ...target, qualifier } : target;
}

/** A text that is JSON is sent as it is, any other text as a JSON string; nothing at all is an empty object. */
function payloadOf(payload: Json | undefined): string {
  if (payload === undefined || payload === null) return '{}';
  if (typeof payload !== 'string') return JSON.stringify(payload);
  return tryParse(payload) === undefined ? JSON.stringify(payload) : payload;
}

const HEADERS = {
  InvocationType: 'X-Amz-Invocation-Type',
  LogType: 'X-Amz-Log-Type',
  ClientContext: 'X-Amz-Client-Context',
} as const;

function headersOf(parameters: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(HEADERS)) {
    const value = member(parameters, name);
    if (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)) headers[header] = value;
  }
  return headers;
}

/** Function errors are re-written without spaces here, but not when the function is the Resource itself. */
const compact = (payload: string): string => {
  const value = tryParse(payload);
  return value === undefined ? payload : JSON.stringify(value);
};

/** The answer as the AWS SDK for Java has it. The payload's text is kept: a number stays as the function wrote it. */
function answerOf({ resource }: TaskRequest, invoked: Invoked): TaskOutcome {
  if ('type' in invoked) return invoked;
  const { status, headers } = invoked.answer;
  const version = header(headers, 'X-Amz-Executed-Version') ?? (status === 200 ? '$LATEST' : undefined);
  const log = header(headers, 'X-Amz-Log-Result');
  const before = { ...(version !== undefined && { ExecutedVersion: version }), ...(log && { LogResult: log }) };
  const after = { ...sdkMetadata(status, headers, requestIdOf(headers)), StatusCode: status };
  const payload = `"Payload":${payloadJson(invoked.payload) ?? '""'}`;
  const output = `{${[inner(before), payload, inner(after)].filter((part) => part !== '').join(',')}}`;
  if (Buffer.byteLength(output) > MAX_RESULT_BYTES) return tooLarge('lambda');
  const waits = describeResource(resource)?.pattern === 'waitForTaskToken';
  return { type: waits ? 'submitted' : 'succeeded', output };
}

/** The members of an object as JSON, without its braces. */
const inner = (members: object): string => JSON.stringify(members).slice(1, -1);

/** A payload as JSON; one that is no JSON becomes a string, none is undefined. */
function payloadJson(payload: string): string | undefined {
  const text = payload.trim();
  if (text === '') return undefined;
  return tryParse(text) === undefined ? JSON.stringify(payload) : text;
}
