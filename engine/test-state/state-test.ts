import type { ArnScope } from '../../schemas/arn.ts';
import type { ErrorOutput } from '../../schemas/errors.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';

/** A test of one state, as it is asked for. */
export interface StateTest {
  /** One state; a whole definition when `stateName` says which of its states is meant. */
  readonly definition: string;
  readonly stateName?: string;
  /** A JSON text. */
  readonly input: string;
  /** A JSON text: what variables there are when the state is entered. */
  readonly variables?: string;
  /** A JSON text: what stands in for the context object. */
  readonly context?: string;
  readonly mock?: Mock;
  readonly configuration: TestConfiguration;
  readonly roleArn?: string;
  readonly revealSecrets?: boolean;
  /** Whose execution it would be. */
  readonly scope: ArnScope;
}

/** What stands in for the work of the state. */
export interface Mock {
  /** A JSON text. */
  readonly result?: string;
  readonly errorOutput?: ErrorOutput;
  readonly fieldValidationMode?: FieldValidationMode;
}

/** STRICT wants all members that the service always answers; PRESENT looks only at those that are there. */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE';

/** How the state stands when the test begins. */
export interface TestConfiguration {
  /** How often its Retry has been used already. */
  readonly retrierRetryCount?: number;
  /** The state inside a Map or Parallel that failed with the mocked error. */
  readonly errorCausedByState?: string;
  /** How many iterations of a Map failed. */
  readonly mapIterationFailureCount?: number;
  /** What the ItemReader of a Map read, in its format. */
  readonly mapItemReaderData?: string;
}

/** What came of a test. */
export interface TestReport extends ErrorOutput {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  /** A JSON text. */
  readonly output?: string;
  readonly nextState?: string;
  readonly inspection: Inspection;
}

/** The values on the data's way through the state, as far as it got. */
export interface Inspection {
  readonly values: Readonly<JsonObject>;
  readonly errorDetails?: ErrorDetails;
}

/** Which rules answered an error. */
export interface ErrorDetails {
  readonly catchIndex?: number;
  readonly retryIndex?: number;
  readonly retryBackoffIntervalSeconds?: number;
}

/** A mock, read: a result or an error. */
export type MockedWork =
  | { readonly type: 'result'; readonly result: Json; readonly text: string }
  | { readonly type: 'error'; readonly error: ErrorOutput };
