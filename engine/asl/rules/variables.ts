import { isJsonObject, member } from '../../../schemas/json.ts';
import type { Problem } from '../../../schemas/problem.ts';
import { list } from '../scopes.ts';
import { ruleProblem } from '../wording.ts';
import type { StateRule } from './rule.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
const MAX_LENGTH = 80;
const NAME = /^[\p{ID_Start}][\p{ID_Continue}]*$/u;

/** Names in Assign, of the state itself and of its choice rules and catchers. */
export const variableNames: StateRule = ({ state, pointer }) => [
  ...namesIn(member(state, 'Assign'), `${pointer}/Assign`),
  ...['Choices', 'Catch'].flatMap((field) =>
    list(state, field).flatMap((rule, index) =>
      isJsonObject(rule) ? namesIn(member(rule, 'Assign'), `${pointer}/${field}[${index}]/Assign`) : [],
    ),
  ),
];

function namesIn(assign: unknown, pointer: string): Problem[] {
  if (!isJsonObject(assign)) return [];
  return Object.keys(assign).flatMap((key) => {
    const name = key.endsWith('.$') ? key.slice(0, -2) : key;
    if (name === 'states') return [ruleProblem.reservedVariable(name, pointer)];
    if (!NAME.test(name)) return [ruleProblem.variableCharacters(name, pointer)];
    return Array.from(name).length > MAX_LENGTH ? [ruleProblem.variableTooLong(name, MAX_LENGTH, pointer)] : [];
  });
}
