import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Gate } from './auth/gate.ts';
import { isAudited } from './auth/permissions.ts';
import { readBody } from './body.ts';
import { type Check, createConstraints } from './constraints.ts';
import { apiError } from './errors.ts';
import { type ApiDeps, JsonText, type Operation } from './operation.ts';
import { OPERATIONS, type OperationName } from './operations/index.ts';
import { contextOf } from './request-context.ts';
import { noteSubject } from './request-telemetry.ts';

/** The way of a request through the API: which operation, with which input, by whom, and what comes of it. */

interface Route {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly check: Check;
}

/** How `X-Amz-Target` names operations of this service. */
const SERVICE = 'AWSStepFunctions.';

export const AMZ_JSON = 'application/x-amz-json-1.0';
const CONTENT_TYPES: ReadonlySet<string> = new Set([AMZ_JSON, 'application/x-amz-json-1.1', 'application/json']);

/**
 * A handler for the one route of the protocol. Path, query and Host do not matter: SDKs put prefixes on the host.
 *
 * @param waiting requests that wait for something, for the server to end when it closes
 */
export function createDispatcher(deps: ApiDeps, gate: Gate, waiting: Set<AbortController>) {
  const { maxPayloadBytes: payload, maxDefinitionBytes: definition } = deps.config;
  const compile = createConstraints({ payload, definition });
  const routes = new Map<string, Route>();
  for (const operation of OPERATIONS)
    routes.set(SERVICE + operation.name, {
      name: operation.name,
      operation,
      check: compile(operation.input),
    });

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { name, operation, check } = routeOf(request, routes);
    const { act, body } = await gate.admit(request, name, () => readBody(request.body));
    const input = check(body);
    request.body = undefined;
    noteSubject(request, input);
    const isStillKnown = () => gate.isStillKnown(act.caller);
    const handle = () => operation.handle(input, contextOf(request, reply, deps, waiting, isStillKnown));
    const output = await (isAudited(name) ? gate.audit.change(act, handle) : handle());
    return reply.type(AMZ_JSON).send(output instanceof JsonText ? output.text : JSON.stringify(output));
  };
}

function routeOf({ headers }: FastifyRequest, routes: ReadonlyMap<string, Route>): Route {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (!CONTENT_TYPES.has(type.trim().toLowerCase())) {
    throw apiError('UnknownOperationException', `The content type is not ${AMZ_JSON}`);
  }
  const target = headers['x-amz-target'];
  const route = typeof target === 'string' ? routes.get(target) : undefined;
  if (!route) throw apiError('UnknownOperationException', `X-Amz-Target names no operation: ${target ?? '(missing)'}`);
  return route;
}
