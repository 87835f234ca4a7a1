import { isJsonObject, member } from '../../../schemas/json.ts';
import type { TaskResult } from '../../../schemas/task.ts';
import { type HttpAnswer, post } from '../http-post.ts';
import { failed } from '../integration.ts';
import { header, MAX_RESULT_BYTES, refused, requestIdOf, tooLarge, tryParse } from '../service.ts';
import type { FunctionName } from './function-name.ts';

/** One call of the Lambda Invoke API. */
export interface Invocation {
  readonly endpoint: string | undefined;
  readonly target: FunctionName;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The task as the cause of a result that is too large names it. */
  readonly task: string;
  /** Words the cause of a function's own error. */
  readonly errorText: (payload: string) => string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A function that ran without an error, or how the task failed. */
export type Invoked = { readonly answer: HttpAnswer; readonly payload: string } | TaskResult;

const LAMBDA = { errorPrefix: 'Lambda', name: 'AWSLambda' };

const unreachable = (reason: string): TaskResult =>
  failed('Lambda.SdkClientException', `Unable to execute HTTP request: ${reason}`);

/** @throws Error when the signal aborts */
export async function invoke(invocation: Invocation): Promise<Invoked> {
  const { endpoint, signal, timeoutMs } = invocation;
  if (endpoint === undefined) {
    return unreachable('no function endpoint is configured. Set LAMBDA_ENDPOINT to where functions are invoked.');
  }
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await post({
      url: urlOf(endpoint, invocation.target),
      headers: { 'Content-Type': 'application/json', ...invocation.headers },
      body: invocation.payload,
      maxBytes: MAX_RESULT_BYTES,
      signal: AbortSignal.any([signal, timeout]),
    });
    return judge(invocation, answer);
  } catch (error) {
    if (signal.aborted) throw error;
    return unreachable(timeout.aborted ? 'Read timed out' : `${endpoint}: ${describe(error)}`);
  }
}

/** A refused connection to several addresses is an AggregateError without a message of its own. */
const describe = (error: unknown): string => {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
};

function urlOf(endpoint: string, { name, qualifier }: FunctionName): string {
  const query = qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
  return `${endpoint.replace(/\/+$/, '')}/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query}`;
}

function judge(invocation: Invocation, answer: HttpAnswer): Invoked {
  const { status, headers, body } = answer;
  if (status < 200 || status > 299) return refusal(invocation.target, answer);
  if (body === undefined) return tooLarge(invocation.task);
  if (header(headers, 'X-Amz-Function-Error') === undefined) return { answer, payload: body };
  return functionError(body, invocation.errorText);
}

/** What the function threw: its type names the error, the whole payload is the cause. */
function functionError(payload: string, errorText: (payload: string) => string): TaskResult {
  const thrown = tryParse(payload);
  const type = isJsonObject(thrown) ? member(thrown, 'errorType') : undefined;
  if (typeof type === 'string' && type !== '') return failed(type, errorText(payload));
  const unknown = 'The cause could not be determined because Lambda did not return an error type.';
  return failed('Lambda.Unknown', `${unknown} Returned payload: ${payload}`);
}

function refusal(target: FunctionName, { status, headers, body }: HttpAnswer): TaskResult {
  const named = header(headers, 'x-amzn-ErrorType')?.split(':')[0];
  const code = named || (CODES.get(status) ?? (status >= 500 ? 'ServiceException' : 'AWSLambdaException'));
  const message =
    wordingOf(body ?? '') ?? (status === 404 ? `Function not found: ${target.arn}` : `HTTP status ${status}`);
  return refused(LAMBDA, { code, message: qualified(message, target), status, requestId: requestIdOf(headers) });
}

/** What a status means when the endpoint does not say it: ours need not be AWS's own. */
const CODES: ReadonlyMap<number, string> = new Map([
  [400, 'InvalidRequestContentException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [413, 'RequestTooLargeException'],
  [429, 'TooManyRequestsException'],
]);

function wordingOf(body: string): string | undefined {
  const error = tryParse(body);
  const message = isJsonObject(error) ? (member(error, 'Message') ?? member(error, 'message')) : undefined;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

/** Step Functions always asks for a version, and Lambda names it in its answer; an endpoint here may not. */
function qualified(message: string, { qualifier }: FunctionName): string {
  const bare = /^Function not found: arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+$/.test(message);
  return bare ? `${message}:${qualifier ?? '$LATEST'}` : message;
}
