import type { Json } from '../../schemas/json.ts';
import { inputOf } from './context-object.ts';
import { ROOT } from './execution.ts';
import type { Run } from './run.ts';
import { enterState } from './transition.ts';

/** What happens when an execution begins, and again when it is redriven. */

/** The time limit of the whole execution, from now on. */
export function setExecutionTimer({ draft, timeoutSeconds }: Run): void {
  if (timeoutSeconds === undefined) return;
  const timer = { visit: 0, purpose: 'execution' } as const;
  draft.effect({ type: 'SetTimer', timer, dueMs: draft.at + timeoutSeconds * 1000 });
}

/** The first state, unless another one is named, follows no event: AWS links it to 0. */
export function enterFirstState(run: Run, name?: string, input: Json = inputOf(run.draft.execution.record)): void {
  const scope = run.rootScope;
  const root = { id: ROOT, scope, index: 0, variables: {}, lastEventId: 0 };
  enterState(run, root, name ?? run.scope(scope).startAt, input);
}
