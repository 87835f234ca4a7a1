import type { Definition } from '../../schemas/definition.ts';
import type { Problem } from '../../schemas/problem.ts';
import type { CompiledScope, Link, Machine } from './machine.ts';
import { allScopes, innerScopes, languageInForce, rootScope, statePointer, statesOf } from './scopes.ts';

/**
 * Compiles a checked definition: calls `link` once per state, outer scopes before inner ones.
 *
 * @param definition as `parseDefinition` returned it
 * @param link makes a node of a state, and reports what it cannot compile to the state's place
 * @returns the machine, which must not be run when a problem is an ERROR
 */
export function compileMachine<N>(definition: Definition, link: Link<N>): { machine: Machine<N>; problems: Problem[] } {
  const problems: Problem[] = [];
  const scopes = new Map<string, CompiledScope<N>>();
  for (const scope of allScopes(rootScope(definition))) {
    const nodes = new Map<string, N>();
    for (const [name, state] of statesOf(scope)) {
      const at = { pointer: statePointer(scope, name), report: (problem: Problem) => problems.push(problem) };
      const inner = innerScopes(scope, name, state).map(({ path }) => path);
      nodes.set(
        name,
        link({ name, state, at, scope: scope.path, language: languageInForce(definition, state), inner }),
      );
    }
    scopes.set(scope.path, { path: scope.path, startAt: scope.definition.StartAt, nodes });
  }
  const timeoutSeconds = definition.TimeoutSeconds;
  return { machine: timeoutSeconds === undefined ? { scopes } : { scopes, timeoutSeconds }, problems };
}
