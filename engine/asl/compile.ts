import type { Definition } from '../../schemas/definition.ts';
import type { Problem } from '../../schemas/problem.ts';
import type { QueryLanguage } from '../query/query-language.ts';
import type { CompiledScope, Link, Machine } from './machine.ts';
import { allScopes, innerScopes, rootScope, type ScopePlace, statePointer, statesOf } from './scopes.ts';

/**
 * Compiles a checked definition: calls `link` once per state, outer scopes before inner ones.
 *
 * @param definition as `parseDefinition` returned it
 * @param link makes a node of a state, and reports what it cannot compile to the state's place
 * @returns the machine, which must not be run when a problem is an ERROR
 */
export function compileMachine<N>(definition: Definition, link: Link<N>): { machine: Machine<N>; problems: Problem[] } {
  const problems: Problem[] = [];
  const machineLanguage = definition.QueryLanguage ?? 'JSONPath';
  const scopes = new Map<string, CompiledScope<N>>();
  for (const scope of allScopes(rootScope(definition))) {
    scopes.set(scope.path, compileScope(scope, machineLanguage, link, problems));
  }
  const timeoutSeconds = definition.TimeoutSeconds;
  return { machine: timeoutSeconds === undefined ? { scopes } : { scopes, timeoutSeconds }, problems };
}

function compileScope<N>(
  scope: ScopePlace,
  machineLanguage: QueryLanguage['name'],
  link: Link<N>,
  problems: Problem[],
): CompiledScope<N> {
  const nodes = new Map<string, N>();
  for (const [name, state] of statesOf(scope)) {
    const at = { pointer: statePointer(scope, name), report: (problem: Problem) => problems.push(problem) };
    // AWS: a state without QueryLanguage has the machine's, not that of the state around it.
    const language = state['QueryLanguage'] === 'JSONata' ? 'JSONata' : machineLanguage;
    const inner = innerScopes(scope, name, state).map(({ path }) => path);
    nodes.set(name, link({ name, state, at, scope: scope.path, language, inner }));
  }
  return { path: scope.path, startAt: scope.definition.StartAt, nodes };
}
