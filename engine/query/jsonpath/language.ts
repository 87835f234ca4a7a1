import { isJsonObject, type Json, type JsonObject, member } from '../../../schemas/json.ts';
import { inside, type Place, reportInvalid } from '../place.ts';
import type { QueryLanguage, Scope, Variables } from '../query-language.ts';
import { compileChoiceRule } from './choice-rules.ts';
import { compileDataFlow, compileResultPath } from './data-flow.ts';
import { compileField, compileItems } from './fields.ts';
import { compileTemplate } from './template.ts';
import { wrongType } from './wording.ts';

/** JSONPath: the query language of states that name no other. */
export const jsonPath: QueryLanguage = {
  name: 'JSONPath',
  dataFlow: compileDataFlow,
  catchOutput: compileResultPath,
  assign: compileAssign,
  field: compileField,
  template: (owner, name, at) => compileTemplate(member(owner, name) ?? null, inside(at, name)),
  items: compileItems,
  condition: (rule, at) => compileChoiceRule(rule, at),
};

/** Assign is a payload template whose members become variables. All of them see the variables as they were. */
function compileAssign(owner: JsonObject, at: Place): ((scope: Scope) => Variables) | undefined {
  const assignments = member(owner, 'Assign');
  if (assignments === undefined) return undefined;
  const place = inside(at, 'Assign');
  if (!isJsonObject(assignments)) {
    reportInvalid(place, wrongType('object'));
    return undefined;
  }
  const evaluate = compileTemplate(assignments, place);
  return (scope) => asVariables(evaluate(scope));
}

const asVariables = (value: Json): Variables => (isJsonObject(value) ? value : {});
