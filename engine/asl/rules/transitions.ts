import { isJsonObject, type JsonObject, member } from '../../../schemas/json.ts';
import type { Problem } from '../../../schemas/problem.ts';
import { list, type ScopePlace, statePointer, statesOf } from '../scopes.ts';
import { stateProblem } from '../wording.ts';
import type { MachineRule } from './rule.ts';

/** A place that names the state to go to. */
interface Target {
  readonly target: string;
  readonly pointer: string;
}

/** Next, Default, and the Next of every choice rule and catcher. https://states-language.net/spec.html#transition */
export function targetsOf(state: JsonObject, pointer: string): Target[] {
  return [
    ...named(state, 'Next', pointer),
    ...named(state, 'Default', pointer),
    ...['Choices', 'Catch'].flatMap((field) =>
      list(state, field).flatMap((rule, index) =>
        isJsonObject(rule) ? named(rule, 'Next', `${pointer}/${field}[${index}]`) : [],
      ),
    ),
  ];
}

function named(object: JsonObject, field: string, pointer: string): Target[] {
  const target = member(object, field);
  return typeof target === 'string' ? [{ target, pointer: `${pointer}/${field}` }] : [];
}

const hasState = (scope: ScopePlace, name: string): boolean => Object.hasOwn(scope.definition.States, name);

/** StartAt and all targets are states of the same scope: no transition leads into or out of a branch or a Map. */
export const targetsExist: MachineRule = (states, scopes) => {
  const starts = scopes.map((scope) => ({
    scope,
    target: scope.definition.StartAt,
    pointer: `${scope.pointer}/StartAt`,
  }));
  const rest = states.flatMap(({ scope, state, pointer }) =>
    targetsOf(state, pointer).map((target) => ({ scope, ...target })),
  );
  return [...starts, ...rest]
    .filter(({ scope, target }) => !hasState(scope, target))
    .map(({ target, pointer }) => stateProblem.missingTarget(target, pointer));
};

/**
 * A machine can end, and no state is there in vain. Measured on AWS: that it can end is asked of the top level only,
 * and when it cannot, nothing is said about what is reachable there.
 */
export const statesLeadSomewhere: MachineRule = (_states, scopes) =>
  scopes.flatMap((scope) => {
    if (scope.path === '' && !statesOf(scope).some(([, state]) => isTerminal(state)))
      return [stateProblem.noTerminalState()];
    return unreachable(scope);
  });

const isTerminal = (state: JsonObject): boolean =>
  state['End'] === true || state['Type'] === 'Succeed' || state['Type'] === 'Fail';

function unreachable(scope: ScopePlace): Problem[] {
  const states = new Map(statesOf(scope));
  const reached = new Set([scope.definition.StartAt]);
  for (const name of reached) {
    const state = states.get(name);
    if (state) for (const { target } of targetsOf(state, '')) reached.add(target);
  }
  return [...states.keys()]
    .filter((name) => !reached.has(name))
    .map((name) => stateProblem.unreachable(name, statePointer(scope, name)));
}
