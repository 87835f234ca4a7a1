import { ERROR } from '../../schemas/errors.ts';
import type { ExecutionRecord } from '../../schemas/execution.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { formatTaskToken } from '../../schemas/task.ts';
import { contextObject } from '../interpreter/context-object.ts';
import { type MapItem, ROOT, type RunningFrame } from '../interpreter/execution.ts';
import type { Limits } from '../interpreter/limits.ts';
import type { Visit } from '../interpreter/states/state-kind.ts';
import { chanceOf } from '../query/chance.ts';
import type { Scope } from '../query/query-language.ts';
import { hasToken } from './mocked-context.ts';
import type { Observed } from './observe.ts';
import type { MockedWork, StateTest } from './state-test.ts';
import type { Subject } from './subject.ts';

/** What a test begins with. */
export interface TestStart {
  readonly test: StateTest;
  readonly subject: Subject;
  readonly mock: MockedWork | undefined;
  readonly variables: JsonObject;
  /** What stands in for the context object. */
  readonly context: JsonObject | undefined;
  /** Of the execution that the state would be part of. */
  readonly record: ExecutionRecord;
  readonly limits: Limits;
  readonly observed: Observed;
}

/** One test under way: the only stay in the only state of an execution that nobody else sees. */
export class TestRun {
  readonly start: TestStart;
  readonly input: Json;
  readonly frame: RunningFrame;

  constructor(start: TestStart) {
    this.start = start;
    this.input = JSON.parse(start.record.input) as Json;
    const { subject, test, record, variables } = start;
    this.frame = {
      phase: 'running',
      id: ROOT,
      scope: '',
      index: 0,
      state: subject.name,
      visit: 1,
      input: this.input,
      enteredMs: record.startMs,
      enteredEventId: 2,
      lastEventId: 2,
      retries: [test.configuration.retrierRetryCount ?? 0],
      variables,
      wait: { for: 'turn' },
    };
  }

  /** What expressions see, with `input` as `$`. */
  scope(input: Json, draw: string, item?: MapItem): Scope {
    const { record, variables } = this.start;
    const frame = item === undefined ? this.frame : { ...this.frame, item };
    return { input, variables, context: this.#context(frame), chance: chanceOf(record.seed, draw), at: record.startMs };
  }

  visit(scope: Scope): Visit {
    const { record, limits, test } = this.start;
    const { frame } = this;
    return { at: record.startMs, frame, scope, limits, region: test.scope.region, taskToken: this.#taskToken() };
  }

  /** An execution shows a token to tasks only that somebody else may end. */
  #context(frame: RunningFrame): JsonObject {
    const { context: mocked, record, subject, test } = this.start;
    if (mocked)
      return frame.item ? { ...mocked, Map: contextObject(record, frame, subject.node, '')['Map'] ?? null } : mocked;
    const context = contextObject(record, frame, subject.node, this.#taskToken());
    if (!hasToken(subject.resource)) delete context['Task'];
    if (test.roleArn === undefined) deleteRole(context['Execution']);
    return context;
  }

  #taskToken(): string {
    const { executionId, seed } = this.start.record;
    return formatTaskToken({ executionId, visit: this.frame.visit, nonce: chanceOf(seed, 'token').uuid() });
  }
}

function deleteRole(execution: Json | undefined): void {
  if (typeof execution === 'object' && execution !== null && !Array.isArray(execution)) delete execution['RoleArn'];
}

/** What became of a state that took longer than a test may. */
export const TIMED_OUT = { type: 'fail', error: { error: ERROR.timeout } } as const;
