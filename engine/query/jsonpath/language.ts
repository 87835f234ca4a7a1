import { isJsonObject, type Json, type JsonObject, member } from '../../../schemas/json.ts';
import { inside, type Place, reportInvalid } from '../place.ts';
import type { Assign, QueryLanguage, Variables } from '../query-language.ts';
import { compileChoiceRule } from './choice-rules.ts';
import { compileDataFlow, compileResultPath, FieldScope } from './data-flow.ts';
import { compileField, compileItems } from './fields.ts';
import { compileTemplate } from './template.ts';
import { variablesIn } from './variables.ts';
import { wrongType } from './wording.ts';

/** JSONPath: the query language of states that name no other. */
export const jsonPath: QueryLanguage = {
  name: 'JSONPath',
  dataFlow: compileDataFlow,
  catchOutput: compileResultPath,
  ruleOutput: () => undefined,
  assign: compileAssign,
  field: compileField,
  template: (owner, name, at) => compileTemplate(member(owner, name) ?? null, inside(at, name)),
  items: compileItems,
  condition: (rule, at) => compileChoiceRule(rule, at),
  variablesIn,
};

/** Assign is a payload template whose members become variables; `$` is what the state gave. All see the variables as they were. */
function compileAssign(owner: JsonObject, at: Place): Assign | undefined {
  const assignments = member(owner, 'Assign');
  if (assignments === undefined) return undefined;
  const place = inside(at, 'Assign');
  if (!isJsonObject(assignments)) {
    reportInvalid(place, wrongType('object'));
    return undefined;
  }
  const evaluate = compileTemplate(assignments, place);
  return (scope, given) => asVariables(evaluate(new FieldScope(scope, given)));
}

const asVariables = (value: Json): Variables => (isJsonObject(value) ? value : {});
