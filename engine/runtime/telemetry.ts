import { channel } from 'node:diagnostics_channel';
import type { ExecutionStatus } from '../../schemas/execution.ts';
import type { ExecutionId } from '../../schemas/task.ts';

/**
 * What a process tells of its work to whoever listens in it: metrics, traces, and programs of one's own, by
 * `diagnostics_channel.subscribe(name, listener)`. Without a listener a message is not even made.
 * Listeners are called at once and must not throw: Node ends the process for that.
 */
export class Topic<Message> {
  readonly name: string;
  readonly #channel;

  constructor(name: string) {
    this.name = name;
    this.#channel = channel(name);
  }

  /** Whether anybody listens: ask before a message is put together. */
  get isHeard(): boolean {
    return this.#channel.hasSubscribers;
  }

  publish(message: Message): void {
    this.#channel.publish(message);
  }

  /** Returns how to stop listening. */
  listen(listener: (message: Message) => void): () => void {
    // Only this topic publishes on its channel.
    const heard = (message: unknown): void => listener(message as Message);
    this.#channel.subscribe(heard);
    return () => this.#channel.unsubscribe(heard);
  }
}

/** Which execution a message is about. */
export interface AboutExecution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
}

/** Instants are epoch milliseconds by the store's clock. */
export interface ExecutionStarted extends AboutExecution {
  readonly startMs: number;
}

export interface ExecutionClosed extends AboutExecution {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly startMs: number;
  readonly stopMs: number;
  readonly error?: string;
  readonly executionId: ExecutionId;
  /** The trace that it was started in: `traceparent` or `traceHeader` of its record. */
  readonly trace?: string;
}

export interface BatchCommitted {
  readonly shard: number;
  /** Stimuli that were consumed. */
  readonly entries: number;
  /** Executions that have changed. */
  readonly executions: number;
  /** History events that were written. */
  readonly events: number;
  /** States that were entered. */
  readonly transitions: number;
  readonly interpretMs: number;
  readonly commitMs: number;
}

/** An attempt of a Task state. */
export interface AboutTask extends AboutExecution {
  /** `activity`, `lambda`, or the service of the resource: `states` of `arn:aws:states:::states:startExecution`. */
  readonly service: string;
  /** The history event that this message is about. */
  readonly eventId: number;
}

export interface TaskStarted extends AboutTask {
  /** From its scheduling; undefined when a release that did not note the time has scheduled it. */
  readonly queuedMs: number | undefined;
}

export interface TaskEnded extends AboutTask {
  readonly outcome: 'succeeded' | 'failed' | 'timed_out';
  /** From its start; undefined when it never started, or its start was not told before its end. */
  readonly runMs: number | undefined;
  /** The span in which the worker did it (W3C Trace Context), when it said so. */
  readonly traceparent?: string;
}

export interface ShardChanged {
  readonly shard: number;
  readonly epoch: number;
}

export interface ExecutionArchived {
  readonly executionArn: string;
}

export interface ArchiveFailed {
  readonly shard: number;
  readonly message: string;
}

export interface RequestAnswered {
  /** The operation's name; `unknown` when the request names none. */
  readonly operation: string;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
  readonly status: number;
  readonly ms: number;
  readonly requestId: string;
  readonly executionArn?: string;
  readonly stateMachineArn?: string;
}

export interface WebhookAttempted {
  readonly webhookId: string;
  readonly outcome: 'delivered' | 'failed';
  readonly ms: number;
}

/** Everything that is told, once it is durable. */
export const TELEMETRY = {
  /** An execution has begun: its first events are committed. */
  executionStarted: new Topic<ExecutionStarted>('stepyard.execution.started'),
  /** An execution has closed, for the first time or after a redrive. */
  executionClosed: new Topic<ExecutionClosed>('stepyard.execution.closed'),
  /** A shard's owner has written a batch. */
  batchCommitted: new Topic<BatchCommitted>('stepyard.batch.committed'),
  /** An attempt of a task waits for a worker. */
  taskScheduled: new Topic<AboutTask>('stepyard.task.scheduled'),
  /** A worker has it. */
  taskStarted: new Topic<TaskStarted>('stepyard.task.started'),
  /** It has succeeded, failed or timed out. */
  taskEnded: new Topic<TaskEnded>('stepyard.task.ended'),
  /** This engine owns one more shard. */
  shardTaken: new Topic<ShardChanged>('stepyard.shard.taken'),
  /** This engine owns a shard no longer: given up, run out or fenced off. */
  shardLost: new Topic<ShardChanged>('stepyard.shard.lost'),
  /** A closed execution is in the archive, and is removed. */
  executionArchived: new Topic<ExecutionArchived>('stepyard.execution.archived'),
  /** The archive could not be written: executions stay. Again with every attempt, once a minute and shard. */
  archiveFailed: new Topic<ArchiveFailed>('stepyard.archive.failed'),
  /** A status change was posted to a webhook, or could not be. */
  webhookAttempted: new Topic<WebhookAttempted>('stepyard.webhook.attempted'),
  /** A request of the API was answered. */
  requestAnswered: new Topic<RequestAnswered>('stepyard.request.answered'),
} as const;
