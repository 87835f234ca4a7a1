import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '../../schemas/json.ts';
import type { TaskOutcome } from '../../schemas/task.ts';
import {
  type FunctionAnswer,
  type FunctionCall,
  type FunctionServer,
  serveFunctions,
} from '../support/function-server.ts';
import { integrationsWith } from './perform.ts';

const INVOKE = 'arn:aws:states:::lambda:invoke';
const CALLBACK = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:price';
const SCOPE = { region: 'us-east-1', accountId: '000000000000' };
const THROWN = '{"errorMessage": "no stock", "errorType": "OutOfStock", "stackTrace": []}';

let server: FunctionServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function perform(
  resource: string,
  input: Json,
  answer: FunctionAnswer | ((call: FunctionCall) => FunctionAnswer),
  signal = new AbortController().signal,
): Promise<TaskOutcome> {
  server = await serveFunctions(typeof answer === 'function' ? answer : () => answer);
  return performAt(server.url, resource, input, signal);
}

function performAt(
  endpoint: string | undefined,
  resource: string,
  input: Json,
  signal: AbortSignal,
  timeoutMs?: number,
) {
  const integrations = integrationsWith({
    lambda: { endpoint, scope: SCOPE, ...(timeoutMs !== undefined && { timeoutMs }) },
  });
  return integrations({ resource, input: JSON.stringify(input), taskToken: 'token' }, signal);
}

const never = new AbortController().signal;
const outputOf = (outcome: TaskOutcome): unknown => ('output' in outcome ? JSON.parse(outcome.output) : undefined);
const lastCall = (): FunctionCall | undefined => server?.calls.at(-1);

describe('a function as Resource', () => {
  test('gets the input and gives its payload', async () => {
    const outcome = await perform(FUNCTION, { items: [1] }, ({ payload }) => ({ body: payload }));
    expect(outcome).toEqual({ type: 'succeeded', output: '{"items":[1]}' });
    expect(lastCall()?.path).toBe('/2015-03-31/functions/price/invocations');
  });

  test.each([
    [FUNCTION, {}],
    [INVOKE, { FunctionName: FUNCTION }],
  ])('is told its span when there is one: %s', async (resource, input) => {
    server = await serveFunctions(() => ({ body: '1' }));
    const integrations = integrationsWith({ lambda: { endpoint: server.url, scope: SCOPE } });
    const traceparent = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';
    await integrations({ resource, input: JSON.stringify(input), taskToken: 'token', traceparent }, never);
    expect(lastCall()?.headers).toMatchObject({
      traceparent,
      'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    });
  });

  test('is asked for the version in its ARN', async () => {
    await perform(`${FUNCTION}:live`, {}, { body: '1' });
    expect(lastCall()?.path).toBe('/2015-03-31/functions/price/invocations?Qualifier=live');
  });

  test.each([
    ['0.0', '0.0'],
    ['"text"', '"text"'],
    ['null', 'null'],
    ['', 'null'],
    ['not JSON', '"not JSON"'],
  ])('that answers %j gives %j', async (body, output) => {
    expect(await perform(FUNCTION, {}, { body })).toEqual({ type: 'succeeded', output });
  });

  test('that throws fails with its error type and its payload, letter by letter', async () => {
    const outcome = await perform(FUNCTION, {}, { body: THROWN, headers: { 'X-Amz-Function-Error': 'Unhandled' } });
    expect(outcome).toEqual({ type: 'failed', error: 'OutOfStock', cause: THROWN });
  });

  test('that answers too much fails', async () => {
    expect(await perform(FUNCTION, {}, { body: 'a'.repeat(263_168) })).toEqual({
      type: 'failed',
      error: 'States.DataLimitExceeded',
      cause: `The state/task '${FUNCTION}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    });
  });
});

describe('lambda:invoke', () => {
  test('answers as the service does', async () => {
    const headers = {
      'Content-Type': 'application/json',
      'X-Amz-Executed-Version': '7',
      'x-amzn-RequestId': 'request-1',
      'X-Amz-Log-Result': 'bG9n',
      Date: 'today',
    };
    const outcome = await perform(INVOKE, { FunctionName: 'price', Payload: { a: 1 } }, { body: '{"b": 2}', headers });
    expect(outputOf(outcome)).toEqual({
      ExecutedVersion: '7',
      LogResult: 'bG9n',
      Payload: { b: 2 },
      SdkHttpMetadata: {
        AllHttpHeaders: {
          'Content-Type': ['application/json'],
          'X-Amz-Executed-Version': ['7'],
          'x-amzn-RequestId': ['request-1'],
          'X-Amz-Log-Result': ['bG9n'],
          'Content-Length': ['8'],
          Date: ['today'],
          Connection: ['keep-alive'],
          'Keep-Alive': ['timeout=5'],
        },
        HttpHeaders: {
          'Content-Type': 'application/json',
          'X-Amz-Executed-Version': '7',
          'x-amzn-RequestId': 'request-1',
          'X-Amz-Log-Result': 'bG9n',
          'Content-Length': '8',
          Date: 'today',
          Connection: 'keep-alive',
          'Keep-Alive': 'timeout=5',
        },
        HttpStatusCode: 200,
      },
      SdkResponseMetadata: { RequestId: 'request-1' },
      StatusCode: 200,
    });
  });

  test('with a task token only submits', async () => {
    const outcome = await perform(CALLBACK, { FunctionName: 'price' }, { body: '{}' });
    expect(outcome.type).toBe('submitted');
  });

  test('that only queues the call answers without a version', async () => {
    const outcome = await perform(INVOKE, { FunctionName: 'price', InvocationType: 'Event' }, { status: 202 });
    expect(outputOf(outcome)).toMatchObject({ Payload: '', StatusCode: 202 });
    expect(outputOf(outcome)).not.toHaveProperty('ExecutedVersion');
    expect(lastCall()?.headers['x-amz-invocation-type']).toBe('Event');
  });

  test.each([
    [{ a: [1] }, '{"a":[1]}'],
    ['{"a": 1}', '{"a": 1}'],
    ['"quoted"', '"quoted"'],
    ['plain', '"plain"'],
    [7, '7'],
    [null, '{}'],
    [undefined, '{}'],
  ])('sends the payload %j as %s', async (payload, sent) => {
    const input = payload === undefined ? { FunctionName: 'price' } : { FunctionName: 'price', Payload: payload };
    await perform(INVOKE, input, { body: '{}' });
    expect(lastCall()?.payload).toBe(sent);
  });

  test.each([
    [{ FunctionName: 'price' }, 'price'],
    [{ FunctionName: 'price:3' }, 'price', '3'],
    [{ FunctionName: '123456789012:function:price' }, 'price'],
    [{ FunctionName: FUNCTION }, 'price'],
    [{ FunctionName: `${FUNCTION}:$LATEST` }, 'price', '%24LATEST'],
    [{ FunctionName: 'price', Qualifier: 'live' }, 'price', 'live'],
  ])('finds the function in %j', async (parameters, name, qualifier?: string) => {
    await perform(INVOKE, parameters, { body: '{}' });
    const query = qualifier === undefined ? '' : `?Qualifier=${qualifier}`;
    expect(lastCall()?.path).toBe(`/2015-03-31/functions/${name}/invocations${query}`);
  });

  test('keeps numbers as the function wrote them', async () => {
    const outcome = await perform(INVOKE, { FunctionName: 'price' }, { body: '12345678901234567890' });
    expect(outcome).toMatchObject({ output: expect.stringContaining('"Payload":12345678901234567890,') });
  });
});

describe('lambda:invoke fails', () => {
  test('with the payload of a function that throws, without its spaces', async () => {
    const headers = { 'X-Amz-Function-Error': 'Unhandled' };
    expect(await perform(INVOKE, { FunctionName: 'price' }, { body: THROWN, headers })).toEqual({
      type: 'failed',
      error: 'OutOfStock',
      cause: '{"errorMessage":"no stock","errorType":"OutOfStock","stackTrace":[]}',
    });
  });

  test.each(['{"errorMessage":"Task timed out after 3.00 seconds"}', 'killed', '', 'null', '{"errorType":""}'])(
    'as Lambda.Unknown when the function dies with %j',
    async (body) => {
      const headers = { 'X-Amz-Function-Error': 'Unhandled' };
      expect(await perform(INVOKE, { FunctionName: 'price' }, { body, headers })).toEqual({
        type: 'failed',
        error: 'Lambda.Unknown',
        cause: `The cause could not be determined because Lambda did not return an error type. Returned payload: ${body}`,
      });
    },
  );

  test('in the words of the service when there is no such function', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:price';
    const answer = {
      status: 404,
      headers: { 'x-amzn-ErrorType': 'ResourceNotFoundException', 'x-amzn-RequestId': 'request-1' },
      body: JSON.stringify({ Type: 'User', Message: `Function not found: ${arn}` }),
    };
    const failure = {
      type: 'failed',
      error: 'Lambda.ResourceNotFoundException',
      cause: `Function not found: ${arn}:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: request-1; Proxy: null)`,
    };
    expect(await perform(INVOKE, { FunctionName: 'price' }, answer)).toEqual(failure);
    await server?.close();
    const silent = { ...answer, headers: { 'x-amzn-RequestId': 'request-1' }, body: 'Not Found' };
    expect(await perform(INVOKE, { FunctionName: 'price' }, silent)).toEqual(failure);
  });

  test.each([
    [429, {}, 'Lambda.TooManyRequestsException'],
    [500, {}, 'Lambda.ServiceException'],
    [503, {}, 'Lambda.ServiceException'],
    [500, { 'x-amzn-ErrorType': 'EC2ThrottledException:http://x' }, 'Lambda.EC2ThrottledException'],
    [302, {}, 'Lambda.AWSLambdaException'],
  ])('for status %i (%j) as %s', async (status, headers, error) => {
    const outcome = await perform(INVOKE, { FunctionName: 'price' }, { status, headers, body: '<html>' });
    expect(outcome).toMatchObject({ type: 'failed', error, cause: expect.stringContaining(`Status Code: ${status};`) });
  });

  test('when the answer is too large', async () => {
    expect(await perform(INVOKE, { FunctionName: 'price' }, { body: `"${'a'.repeat(262_130)}"` })).toEqual({
      type: 'failed',
      error: 'States.DataLimitExceeded',
      cause: `The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.`,
    });
  });

  test.each([{}, { FunctionName: 7 }, { FunctionName: 'a/b' }, 'price', null])(
    'without a function name (%j)',
    async (input) => {
      expect(await performAt(undefined, INVOKE, input, never)).toMatchObject({
        type: 'failed',
        error: 'States.Runtime',
      });
    },
  );
});

describe('the function endpoint', () => {
  test('that is not configured is named in the cause', async () => {
    expect(await performAt(undefined, FUNCTION, {}, never)).toMatchObject({
      type: 'failed',
      error: 'Lambda.SdkClientException',
      cause: expect.stringContaining('LAMBDA_ENDPOINT'),
    });
  });

  test('that does not listen fails the task', async () => {
    const gone = await serveFunctions(() => ({}));
    await gone.close();
    expect(await performAt(gone.url, FUNCTION, {}, never)).toMatchObject({
      type: 'failed',
      error: 'Lambda.SdkClientException',
      cause: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('that does not answer in time fails the task', async () => {
    server = await serveFunctions(() => new Promise(() => {}));
    expect(await performAt(server.url, FUNCTION, {}, never, 20)).toEqual({
      type: 'failed',
      error: 'Lambda.SdkClientException',
      cause: 'Unable to execute HTTP request: Read timed out',
    });
  });

  test('is left when the task is cut off', async () => {
    const cutOff = new AbortController();
    server = await serveFunctions(() => {
      cutOff.abort();
      return new Promise(() => {});
    });
    await expect(performAt(server.url, FUNCTION, {}, cutOff.signal)).rejects.toThrow('aborted');
  });
});

test('a resource without an integration fails', async () => {
  expect(await performAt(undefined, 'arn:aws:states:::sns:publish', {}, never)).toEqual({
    type: 'failed',
    error: 'States.TaskFailed',
    cause: 'The resource arn:aws:states:::sns:publish is not supported here.',
  });
});
