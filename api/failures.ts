import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailable } from '../engine/store/store.ts';
import { AMZ_JSON } from './dispatch.ts';
import { ApiError, apiError, errorBody } from './errors.ts';
import type { Log } from './operation.ts';

/** What clients get when something goes wrong: always JSON, never a stack trace. */

/** How long a client should wait before it asks again, in seconds, when the store is away. */
const RETRY_AFTER_S = 1;

/** What a client is told of anything that is thrown: an error of the API, HTTP that is none, a store that is away, or a bug. */
export const toldError = (thrown: unknown): ApiError =>
  thrown instanceof ApiError ? thrown : (httpError(thrown) ?? outage(thrown));

/** Answers an error in the protocol's way; logs what is not the client's doing. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const error = toldError(thrown);
  if (error.status >= 500) {
    const target = request.headers['x-amz-target'];
    log.error({ err: thrown, requestId: request.id, target, answer: error.type }, 'request failed');
  }
  if (error.status === 503) reply.header('retry-after', RETRY_AFTER_S);
  reply.header('x-amzn-requestid', request.id).header('x-amzn-errortype', error.type);
  return reply.code(error.status).type(AMZ_JSON).send(errorBody(error));
}

/** What Fastify found wrong with the request, by its code. */
function httpError(thrown: unknown): ApiError | undefined {
  const { code, statusCode } = detailsOf(thrown);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return apiError('RequestEntityTooLargeException', 'The request is too large');
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return apiError('UnknownOperationException', `The content type is not ${AMZ_JSON}`);
  }
  const refused = code.startsWith('FST_') && statusCode >= 400 && statusCode < 500;
  return refused ? apiError('MalformedHttpRequestException', 'The request is not valid HTTP') : undefined;
}

function detailsOf(thrown: unknown): { code: string; statusCode: number; text: string } {
  const read = (name: string): unknown => (thrown instanceof Error ? Reflect.get(thrown, name) : undefined);
  const code = read('code');
  const statusCode = read('statusCode');
  return {
    code: typeof code === 'string' ? code : '',
    statusCode: typeof statusCode === 'number' ? statusCode : 0,
    text: thrown instanceof Error ? `${thrown.name} ${thrown.message}` : '',
  };
}

/** Codes and texts of a Redis that cannot be reached or does not take writes. */
const UNREACHABLE = /^(ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EHOST|ENETUNREACH|EAI_AGAIN)/;
const UNABLE =
  /MaxRetriesPerRequest|Connection is closed|Command timed out|isn't writeable|^ReplyError (LOADING|READONLY|MISCONF|OOM|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|TRYAGAIN)/;

/** Everything else that is thrown is the store being away or a bug. */
function outage(thrown: unknown): ApiError {
  const { code, text } = detailsOf(thrown);
  const away = thrown instanceof StoreUnavailable || UNREACHABLE.test(code) || UNABLE.test(text);
  return away
    ? apiError('ServiceUnavailable', 'The store cannot be reached at the moment')
    : apiError('InternalFailure');
}

/** Answers bytes that are no request at all, before there is one; then hangs up. */
export function answerRaw(fault: Error, socket: Socket): void {
  const { code } = detailsOf(fault);
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const late = code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const error = late
    ? apiError('RequestTimeoutException', 'The request took too long to arrive')
    : apiError('MalformedHttpRequestException', 'The request is not valid HTTP');
  const body = errorBody(error);
  const head = [
    `HTTP/1.1 ${error.status} ${late ? 'Request Timeout' : 'Bad Request'}`,
    `content-type: ${AMZ_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-amzn-errortype: ${error.type}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
