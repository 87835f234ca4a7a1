import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Gate } from '../auth/gate.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { ApiDeps, Context, Loose } from '../operation.ts';
import type { Call } from './call.ts';
import type { ProblemName } from './problem.ts';
import type { Streams } from './streams.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What can be wrong with a request besides what can be wrong with any: for the documentation. */
    problems?: readonly ProblemName[];
    /** Whether clients may send an `Idempotency-Key`. */
    idempotent?: boolean;
  }
}

/** Requests have the types of their schemas, and so have answers, in which members may be undefined that may be absent. */
interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Loose<Static<this['schema']>> : unknown;
}

/** The part of the server under `/api/v1`. */
export type RestApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  SchemaTypes
>;

export interface RestDeps extends ApiDeps {
  readonly gate: Gate;
  readonly sessions: Sessions;
  /** What the operations of the AWS API need to know of a request. */
  contextOf(request: FastifyRequest, reply: FastifyReply): Context<never>;
  /** Does what an operation of the AWS API does, with its constraints. */
  readonly call: Call;
  /** The streams that this process has open. */
  readonly streams: Streams;
}

/** The routes of one kind of resource. Adding one: a file with such a function, and its line in `index.ts`. */
export type Routes = (app: RestApp, deps: RestDeps) => void;
