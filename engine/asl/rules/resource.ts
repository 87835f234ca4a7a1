import { isJsonObject, type JsonObject, member } from '../../../schemas/json.ts';
import type { Problem } from '../../../schemas/problem.ts';
import { checkResource } from '../integrations.ts';
import { ruleProblem, shapeProblem } from '../wording.ts';
import type { StatePlace, StateRule } from './rule.ts';

/** What a Task calls exists, in the pattern that it asks for, with what it needs. */
export const resource: StateRule = (at) => {
  const written = member(at.state, 'Resource');
  if (at.state.Type !== 'Task' || typeof written !== 'string') return [];
  const place = `${at.pointer}/Resource`;
  const read = checkResource(written);
  if (read.kind === 'no ARN') return [ruleProblem.notAnArn(place)];
  if (read.kind === 'unknown') return [ruleProblem.unknownResource(written, place)];
  if (read.kind === 'activity') return activity(at, place);
  if (read.kind === 'function') return [];
  const express = at.scope.type === 'EXPRESS' && read.pattern !== '';
  return [
    ...(express ? [ruleProblem.expressPattern(read.pattern.replace(':2', ''), place)] : []),
    ...missingArguments(at, written, read.required),
  ];
};

function activity({ state, scope, pointer }: StatePlace, place: string): Problem[] {
  const credentials = Object.hasOwn(state, 'Credentials');
  return [
    ...(scope.type === 'EXPRESS' ? [ruleProblem.expressActivity(place)] : []),
    ...(credentials ? [ruleProblem.activityCredentials(`${pointer}/Credentials`)] : []),
  ];
}

/** AWS asks for Parameters (Arguments) on every integration, and for the members of some of them. */
function missingArguments(
  { state, language, pointer }: StatePlace,
  written: string,
  required: readonly string[],
): Problem[] {
  const field = language === 'JSONata' ? 'Arguments' : 'Parameters';
  const values = member(state, field);
  if (values === undefined) return [ruleProblem.argumentsRequired(field, written, pointer)];
  if (!isJsonObject(values)) return [];
  return required.filter((name) => !has(values, name)).map((name) => shapeProblem.needed(name, `${pointer}/${field}`));
}

const has = (values: JsonObject, name: string): boolean =>
  Object.hasOwn(values, name) || Object.hasOwn(values, `${name}.$`);
