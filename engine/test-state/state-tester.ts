import { randomUUID } from 'node:crypto';
import { stateMachineArn } from '../../schemas/arn.ts';
import type { PerformTask } from '../../schemas/task.ts';
import type { Limits } from '../interpreter/limits.ts';
import type { QueryLanguages } from '../query/index.ts';
import { guardedLanguages } from '../runtime/expression-guard.ts';
import { executionId } from '../store/execution-id.ts';
import { mockedContext } from './mocked-context.ts';
import { Observed, observing } from './observe.ts';
import { checkRequest, readVariables } from './request-checks.ts';
import { runTest } from './run-test.ts';
import type { StateTest, TestReport } from './state-test.ts';
import { compileSubject } from './subject.ts';
import { TestRun } from './test-run.ts';

export interface TesterOptions {
  /** Performs a task with the integration of its resource. */
  readonly perform: PerformTask;
  readonly limits: Limits;
  readonly languages?: QueryLanguages;
  /** The time of day in epoch milliseconds. Default the system's. */
  readonly timeOfDay?: () => number;
}

export interface StateTester {
  /**
   * Runs one state once, in this process, and tells what came of it. A mock stands in for its work; without one, a task
   * is really performed.
   *
   * @param unwanted aborts when nobody waits for the report any more
   * @throws DefinitionError with everything that is wrong with the definition
   * @throws TestRefused when the state, the mock and the settings do not go together
   */
  test(test: StateTest, unwanted: AbortSignal): Promise<TestReport>;
}

/** Tests single states with the behaviour that they have in executions. */
export function createStateTester(options: TesterOptions): StateTester {
  const { perform, limits, languages = guardedLanguages, timeOfDay = Date.now } = options;
  return {
    test(test, unwanted) {
      const observed = new Observed();
      const subject = compileSubject(test, observing(languages, observed));
      const mock = checkRequest(test, subject);
      const context = test.context === undefined ? undefined : mockedContext(test.context, subject);
      const variables = readVariables(test.variables);
      const record = recordOf(test, timeOfDay());
      return runTest(new TestRun({ test, subject, mock, variables, context, record, limits, observed }), {
        perform,
        unwanted,
      });
    },
  };
}

/** The execution that the state would be part of: an Express one, of a machine that nobody has made. */
function recordOf({ scope, input, roleArn = '' }: StateTest, startMs: number) {
  const stateMachineName = randomUUID();
  const name = randomUUID();
  // Shorter than those of Express executions that are started: there is no id after the name.
  const executionArn = `arn:aws:states:${scope.region}:${scope.accountId}:express:${stateMachineName}:${name}`;
  return {
    executionId: executionId(executionArn),
    executionArn,
    name,
    stateMachineArn: stateMachineArn(scope, stateMachineName),
    stateMachineName,
    roleArn,
    revisionId: name,
    startMs,
    input,
    seed: randomUUID(),
  };
}
