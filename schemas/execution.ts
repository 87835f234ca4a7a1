import type { ExecutionId } from './task.ts';

/** What is fixed about an execution when it starts, and what DescribeExecution tells of it later. */

export interface ExecutionRecord {
  readonly executionId: ExecutionId;
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  /** The revision of the definition that it runs, whatever the machine is updated to later. */
  readonly revisionId: string;
  /** The version that it was started with, directly or by an alias. */
  readonly stateMachineVersionArn?: string;
  /** The alias that it was started with. */
  readonly stateMachineAliasArn?: string;
  /** Epoch milliseconds by the clock of Redis. */
  readonly startMs: number;
  /** The input as it was sent: a JSON text. */
  readonly input: string;
  /** What StartExecution was given: `Root=1-...;Parent=...;Sampled=1` of AWS X-Ray. */
  readonly traceHeader?: string;
  /** The span that started it (W3C Trace Context), when the request said so. */
  readonly traceparent?: string;
  /** Drawn when the execution is created; seeds States.UUID, States.MathRandom, jitter and task tokens. */
  readonly seed: string;
  /** Values of the machine's search attributes in the input, by name. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Of a child of a Map Run only. */
  readonly child?: MapRunChild;
}

/** An execution that a Map Run has started: what it belongs to, and what it runs instead of the whole machine. */
export interface MapRunChild {
  readonly mapRunArn: string;
  /** The execution that stays in the Map state, the visit of that stay, and which child of it this is. */
  readonly parent: ExecutionId;
  readonly visit: number;
  readonly index: number;
  /** The scope of the machine that it runs: the Map's processor. */
  readonly scope: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  /** How many items it has. */
  readonly items: number;
  /** Its input is told with its end, since the Map Run's ResultWriter writes it down. */
  readonly tellsInput: boolean;
}

/** How often an execution was redriven, and when last, in epoch milliseconds. */
export interface Redrives {
  readonly count: number;
  readonly lastMs: number;
}

/** One redrive of an execution: when, by whom, and what was edited. */
export interface RedriveNote {
  readonly redriveMs: number;
  readonly by?: string;
  /** The state that was chosen to go on in. */
  readonly state?: string;
  readonly inputChanged: boolean;
  /** The revision that the execution runs since. */
  readonly revisionId?: string;
}

export const EXECUTION_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** How an execution stands. `output` is a JSON text. */
export type ExecutionState =
  | { readonly status: 'RUNNING' }
  | { readonly status: 'SUCCEEDED'; readonly stopMs: number; readonly output: string }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly stopMs: number;
      readonly error?: string;
      readonly cause?: string;
    };
