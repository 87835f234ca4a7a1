/** What the engine, its queues and its workers say to each other about a task. */

/**
 * Names one attempt of one task: the execution and the visit that waits for the result.
 * The task token that workers see is a text form of it, with a nonce.
 */
export interface TaskId {
  readonly executionId: ExecutionId;
  readonly visit: number;
}

/** 22 characters of base64url: a digest of the execution's ARN. Safe in a Redis key and in a BullMQ job id. */
export type ExecutionId = string & { readonly executionId: unique symbol };

/** A task that waits to be handed out, as the shard keeps it. */
export interface PendingTask {
  readonly id: TaskId;
  /** The Resource of the Task state, with which the queue and the integration are chosen. */
  readonly resource: string;
  /** The state's input to the task: a JSON text. */
  readonly input: string;
  readonly taskToken: string;
  readonly heartbeatSeconds?: number;
  /** The history event that tells of it; tasks of earlier releases do not know. */
  readonly scheduledEventId?: number;
  /** The trace that the execution was started in (`ExecutionRecord`); absent when it has begun one. */
  readonly trace?: string;
}

/** How a task ended. `output` is a JSON text. */
export type TaskResult = {
  /** The span in which the worker did it (W3C Trace Context), when it said so. */
  readonly traceparent?: string;
} & (
  | { readonly type: 'succeeded'; readonly output: string }
  | {
      readonly type: 'failed';
      readonly error?: string;
      readonly cause?: string;
      /** What the task was to wait for could not be begun. */
      readonly submitting?: true;
    }
);

/** What an integration is asked to do. */
export interface TaskRequest {
  readonly resource: string;
  /** A JSON text. */
  readonly input: string;
  readonly taskToken: string;
  /** The span of this attempt (W3C Trace Context), when traces are on: what is begun for it is part of its trace. */
  readonly traceparent?: string;
}

/** `submitted`: what was asked for is under way, and the task ends when somebody sends its token back. */
export type TaskOutcome = TaskResult | ({ readonly type: 'submitted' } & Submission);

/** What a service answered when it began what a task waits for. */
export interface Submission {
  /** A JSON text. */
  readonly output: string;
  /** The execution that was started for this task alone: nobody needs it when nobody waits for the task any more. */
  readonly childArn?: string;
}

/**
 * A task that waits for the end of an execution, as a text: its token, with `:2` behind it when it is to get the execution's
 * input and output as JSON (`.sync:2`) and not as texts (`.sync`).
 */
export type Waiter = string;

const PARSED = ':2';

export const formatWaiter = (taskToken: string, parsed: boolean): Waiter => `${taskToken}${parsed ? PARSED : ''}`;

/** Undefined when the text is none. */
export function parseWaiter(text: Waiter): { readonly token: TaskToken; readonly parsed: boolean } | undefined {
  const parsed = text.endsWith(PARSED);
  const token = parseTaskToken(parsed ? text.slice(0, -PARSED.length) : text);
  return token && { token, parsed };
}

/**
 * Performs one task that is no activity. Failure is an outcome, too; it throws only when the signal aborts
 * or by mistake.
 */
export type PerformTask = (request: TaskRequest, signal: AbortSignal) => Promise<TaskOutcome>;

/** A task token in parts. The nonce is drawn from the execution's seed, so a token cannot be guessed from outside. */
export interface TaskToken extends TaskId {
  readonly nonce: string;
}

export const formatTaskToken = (token: TaskToken): string => `${token.executionId}.${token.visit}.${token.nonce}`;

/** The parts of a task token; undefined when the text cannot be one. */
export function parseTaskToken(text: string): TaskToken | undefined {
  const match = /^([A-Za-z0-9_-]{22})\.([1-9]\d{0,14})\.([0-9a-f-]{36})$/.exec(text);
  if (!match) return undefined;
  const [, executionId, visit, nonce] = match;
  return { executionId: executionId as ExecutionId, visit: Number(visit), nonce: nonce ?? '' };
}
