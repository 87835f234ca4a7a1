import { isJsonObject, member } from '../../../schemas/json.ts';
import type { Problem } from '../../../schemas/problem.ts';
import { isDistributed } from '../../query/map-mode.ts';
import { innerScopes, list } from '../scopes.ts';
import { ruleProblem } from '../wording.ts';
import type { MachineRule, StatePlace, StateRule } from './rule.ts';

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
function assignmentsOf({ state, pointer }: StatePlace): Assignment[] {
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

/** What an inner scope can see it cannot assign. A distributed Map sees nothing of what is around it. */
export const variablesAssignedOnce: MachineRule = (states, scopes) => {
  const assigned = new Map<string, Set<string>>(scopes.map(({ path }) => [path, new Set()]));
  const around = new Map<string, string>();
  for (const place of states) {
    for (const { name } of assignmentsOf(place)) assigned.get(place.scope.path)?.add(name);
    if (isDistributed(place.state)) continue;
    for (const inner of innerScopes(place.scope, place.name, place.state)) around.set(inner.path, place.scope.path);
  }
  const isSeen = (name: string, path: string | undefined): boolean =>
    path !== undefined && (assigned.get(path)?.has(name) || isSeen(name, around.get(path)));
  return states.flatMap((place) =>
    assignmentsOf(place)
      .filter(({ name }) => isSeen(name, around.get(place.scope.path)))
      .map(({ name, pointer }) => ruleProblem.duplicateVariable(name, pointer)),
  );
};
