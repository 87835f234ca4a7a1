import { isJsonObject, member } from '../../../schemas/json.ts';
import type { Problem } from '../../../schemas/problem.ts';
import { isDistributed } from '../../query/map-mode.ts';
import { innerScopes, list, type ScopePlace } from '../scopes.ts';
import { ruleProblem } from '../wording.ts';
import type { MachineRule, StatePlace, StateRule } from './rule.ts';
import { targetsOf } from './transitions.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
const MAX_LENGTH = 80;
const NAME = /^[\p{ID_Start}][\p{ID_Continue}]*$/u;

/** A variable that a state assigns. */
interface Assignment {
  readonly name: string;
  /** The Assign field. */
  readonly pointer: string;
}

/** What a state assigns, itself and by its choice rules and catchers. */
export function assignmentsOf({ state, pointer }: Pick<StatePlace, 'state' | 'pointer'>): Assignment[] {
  const owners = ['Choices', 'Catch'].flatMap((field) =>
    list(state, field).map((rule, index) => ({ owner: rule, at: `${pointer}/${field}[${index}]` })),
  );
  return [{ owner: state, at: pointer }, ...owners].flatMap(({ owner, at }) => {
    const assign = isJsonObject(owner) ? member(owner, 'Assign') : undefined;
    const names = isJsonObject(assign) ? Object.keys(assign) : [];
    return names.map((key) => ({ name: key.endsWith('.$') ? key.slice(0, -2) : key, pointer: `${at}/Assign` }));
  });
}

/** Names in Assign, of the state itself and of its choice rules and catchers. */
export const variableNames: StateRule = (place) =>
  assignmentsOf(place).flatMap(({ name, pointer }): Problem[] => {
    if (name === 'states') return [ruleProblem.reservedVariable(name, pointer)];
    if (!NAME.test(name)) return [ruleProblem.variableCharacters(name, pointer)];
    return Array.from(name).length > MAX_LENGTH ? [ruleProblem.variableTooLong(name, MAX_LENGTH, pointer)] : [];
  });

/**
 * What an inner scope can see it cannot assign: what a state has assigned from which the way can lead to the Map or Parallel around it.
 * Measured on AWS: what that state assigns itself when it is left does not count. A distributed Map sees nothing of what is around it.
 */
export const variablesAssignedOnce: MachineRule = (states) => {
  const around = states.filter(
    ({ state }) => (state.Type === 'Map' || state.Type === 'Parallel') && !isDistributed(state),
  );
  if (around.length * states.length > MAX_WAYS) return [];
  const leading = new Map<ScopePlace, Leading>();
  const visible = new Map<string, ReadonlySet<string>>();
  for (const place of states) {
    const into = leading.get(place.scope) ?? new Map<string, StatePlace[]>();
    leading.set(place.scope, into);
    for (const { target } of targetsOf(place.state, '')) {
      const from = into.get(target);
      if (from) from.push(place);
      else into.set(target, [place]);
    }
  }
  for (const place of around) {
    const names = statesBefore(place, leading.get(place.scope)).flatMap(assignmentsOf);
    const seen = new Set([...(visible.get(place.scope.path) ?? []), ...names.map(({ name }) => name)]);
    for (const inner of innerScopes(place.scope, place.name, place.state)) visible.set(inner.path, seen);
  }
  return states.flatMap((place) =>
    assignmentsOf(place)
      .filter(({ name }) => visible.get(place.scope.path)?.has(name))
      .map(({ name, pointer }) => ruleProblem.duplicateVariable(name, pointer)),
  );
};

/** The states of a scope that lead to a state, by the name of that state. */
type Leading = Map<string, StatePlace[]>;

/** More ways through a machine than this are not looked at: what nobody wrote by hand is not searched for slips of the hand. */
const MAX_WAYS = 1_000_000;

/** The states of a scope from which the way can lead to a state. */
function statesBefore({ name }: StatePlace, leading: Leading | undefined): StatePlace[] {
  const found = new Set(leading?.get(name));
  for (const place of found) for (const before of leading?.get(place.name) ?? []) found.add(before);
  return [...found];
}
