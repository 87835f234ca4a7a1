import type { Static, TSchema } from 'typebox';
import type {
  ActivityStatistics,
  ArchivedSummary,
  AttributeReader,
  ExpressRunner,
  HandOuts,
  ReferenceReader,
  StateTester,
} from '../engine/index.ts';
import type { Store } from '../engine/store/store.ts';
import type { TaskQueue } from '../engine/tasks/queue.ts';
import type { Problem } from '../schemas/problem.ts';
import type { ExecutionId, PendingTask } from '../schemas/task.ts';
import type { Seal } from './auth/seal.ts';
import type { Client } from './connection.ts';
import type { About, ApiError, ErrorName } from './errors.ts';
import type { Monitoring } from './monitoring.ts';
import type { OpenExecutions } from './open-executions.ts';
import type { WebhookDeps } from './webhooks.ts';

/** What the API needs from the rest of the system. */
export interface ApiDeps {
  readonly store: Pick<
    Store,
    | 'accessKeys'
    | 'answers'
    | 'bulkRedrives'
    | 'executions'
    | 'live'
    | 'mapRuns'
    | 'registry'
    | 'search'
    | 'versions'
    | 'webhooks'
  >;
  /** Lists the executions of a machine that are in the archive alone; there is none without a setting. */
  readonly archived?:
    | ((stateMachineArn: string, page: { limit: number; after?: string }) => Promise<ArchivedPage>)
    | undefined;
  readonly queue: TaskQueue;
  /** Hands out tasks of activities. */
  readonly handOuts: HandOuts;
  readonly webhooks: WebhookDeps;
  readonly activityStatistics: ActivityStatistics;
  readonly openExecutions: Pick<OpenExecutions, 'admit'>;
  /** Runs the executions of machines of type EXPRESS. */
  readonly express: Pick<ExpressRunner, 'start'>;
  /** Runs single states for TestState. */
  readonly tester: StateTester;
  readonly machines: MachineChecker;
  /** Where a text stops being JSON, in the words of AWS's parser; undefined when it does not. */
  jsonFault(text: string): string | undefined;
  readonly config: ApiConfig;
  readonly ids: Ids;
  /** Draws a number from 0 on and below 1: which version an alias starts. */
  random(): number;
  /** Reads the secrets of access keys; without it, signatures cannot be checked. */
  readonly seal: Seal | undefined;
  readonly log: Log;
  readonly monitoring: Monitoring;
  /** The span of a task (W3C Trace Context), for who does it; there is none unless traces are collected. */
  readonly traceparentOf?: ((task: PendingTask) => string | undefined) | undefined;
}

/** In the order of their names. */
export interface ArchivedPage {
  readonly executions: readonly ArchivedSummary['execution'][];
  /** Where the next page begins. */
  readonly after?: string;
}

/** Parses and compiles definitions, and what else belongs to a machine, to tell about it. */
export interface MachineChecker {
  check(definition: string, type: 'STANDARD' | 'EXPRESS'): { readonly problems: readonly Problem[] };
  /** The variables that each state reads, by the name of the state; states that read none are left out. */
  readonly references: ReferenceReader;
  readonly attributes: AttributeReader;
}

export interface ApiConfig {
  /** The account of the ARNs that are made here. */
  readonly accountId: string;
  /** The region of the ARNs that are made here, unless the request is signed for another. */
  readonly region: string;
  /** The most that an input or output may have, in bytes of UTF-8. */
  readonly maxPayloadBytes: number;
  readonly maxDefinitionBytes: number;
  /** How long GetActivityTask waits for a task, in milliseconds. Clients give up after 60 s. */
  readonly pollMs: number;
  /** How long after its close an execution may be redriven, in milliseconds. */
  readonly redrivableMs: number;
  /** How many streams of events a process has open at most. */
  readonly maxStreams: number;
  /** Events after which an execution fails. */
  readonly maxHistoryEvents: number;
  /** Who may come in as long as there are no access keys. */
  readonly openTo: 'nobody' | 'this machine' | 'everybody';
  /** How many Standard executions may be open. */
  readonly maxOpenExecutions: number;
  /** Origins of web pages that may use the API, beside its own. */
  readonly corsOrigins: readonly string[];
}

export interface Ids {
  uuid(): string;
  /** The same UUID for the same text. */
  uuidOf(text: string): string;
  executionId(executionArn: string): ExecutionId;
}

/** Structured log lines; a pino logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Errors that any operation may answer without saying so. */
export type CommonError = 'ValidationException';

/** Makes the error to be thrown: `throw reject('InvalidName', name)`. Only errors that the operation declares. */
export type Reject<E extends ErrorName> = <N extends E | CommonError>(name: N, ...about: About<N>) => ApiError;

/** What a handler knows besides its input. */
export interface Context<E extends ErrorName = never> extends ApiDeps {
  /** Where resources made by this request belong. */
  readonly region: string;
  readonly requestId: string;
  /** The same for every attempt of one call, when the client says so; the store then answers repetitions alike. */
  readonly attemptId: string;
  /** The span in which the client made the request (W3C Trace Context), when it says so. */
  readonly traceparent?: string;
  readonly client: Client;
  /** Whether who asks would be let in again, for operations that wait. Costs no round trip as a rule. @throws StoreUnavailable */
  isStillKnown(): Promise<boolean>;
  readonly reject: Reject<E>;
}

/** An answer that is JSON text already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a handler returns: members that may be absent may also be undefined, since JSON leaves them out. */
export type Loose<T> = T extends readonly (infer I)[]
  ? readonly Loose<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Loose<T[K]> | (Record<never, never> extends Pick<T, K> ? undefined : never) }
    : T;

/**
 * One operation of the API. Everything about it is here: dispatch, validation, errors and the reference page follow.
 * `input` constraints are told in AWS's words; `handle` receives an input that satisfies them.
 */
export interface Operation<
  N extends string = string,
  I extends TSchema = TSchema,
  O extends TSchema = TSchema,
  E extends ErrorName = ErrorName,
  A extends Loose<Static<O>> | JsonText = Loose<Static<O>> | JsonText,
> {
  readonly name: N;
  readonly input: I;
  readonly output: O;
  readonly errors: readonly E[];
  handle(input: Static<I>, context: Context<E>): Promise<A>;
}

/** Declares an operation; the types of input, output and errors are those of its members. */
export const operation = <
  const N extends string,
  I extends TSchema,
  O extends TSchema,
  const E extends ErrorName,
  A extends Loose<Static<O>> | JsonText,
>(
  declared: Operation<N, I, O, E, A>,
): Operation<N, I, O, E, A> => declared;
