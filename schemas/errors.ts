/** Error names of the Amazon States Language, as Retry and Catch match them. */

/** What a Catch hands on: the error output of the Amazon States Language. */
export interface ErrorOutput {
  readonly error?: string;
  readonly cause?: string;
}

export const ERROR = {
  all: 'States.ALL',
  branchFailed: 'States.BranchFailed',
  dataLimitExceeded: 'States.DataLimitExceeded',
  heartbeatTimeout: 'States.HeartbeatTimeout',
  intrinsicFailure: 'States.IntrinsicFailure',
  noChoiceMatched: 'States.NoChoiceMatched',
  parameterPathFailure: 'States.ParameterPathFailure',
  queryEvaluationError: 'States.QueryEvaluationError',
  resultPathMatchFailure: 'States.ResultPathMatchFailure',
  runtime: 'States.Runtime',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
} as const;

/** An error that a definition can see (and, unless it is States.Runtime, retry or catch). */
export class StatesError extends Error {
  readonly error: string;
  readonly reason: string;

  /**
   * @param error the error name, e.g. `States.IntrinsicFailure`
   * @param reason what went wrong, without the state it happened in: the interpreter adds that
   */
  constructor(error: string, reason: string) {
    super(`${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
  }
}
