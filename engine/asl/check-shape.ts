import type { ObjectKind } from '../../schemas/asl/index.ts';
import type { Language } from '../../schemas/asl/schema.ts';
import { STATE_TYPES, type StateType } from '../../schemas/definition.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../schemas/json.ts';
import type { Problem } from '../../schemas/problem.ts';
import { schemaErrors } from './schema-errors.ts';
import { list } from './scopes.ts';
import { checkOf } from './validator.ts';
import { shapeProblem, stateProblem } from './wording.ts';

/** More problems than anybody reads; AWS reports 100. */
export const MAX_PROBLEMS = 1000;

interface Walk {
  readonly machineLanguage: Language;
  readonly problems: Problem[];
}

/**
 * Holds a definition against the schemas of the language, object by object: each has the members that it must have,
 * none that it must not have, and values of the right type and range.
 */
export function checkShape(definition: JsonObject): Problem[] {
  const walk: Walk = { machineLanguage: languageOf(definition, 'JSONPath'), problems: [] };
  check(walk, 'machine', definition, '');
  checkStates(walk, definition, '');
  return walk.problems;
}

/** Measured on AWS: exactly "JSONPath" is JSONPath, absent is inherited, whatever else is written is JSONata. */
function languageOf(object: JsonObject, inherited: Language): Language {
  const written = member(object, 'QueryLanguage');
  if (written === undefined) return inherited;
  return written === 'JSONPath' ? 'JSONPath' : 'JSONata';
}

/** Checks one object, without what inside it is checked by itself. */
function check(
  walk: Walk,
  kind: ObjectKind,
  value: Json,
  pointer: string,
  language: Language = 'JSONPath',
  reportOtherLanguage = true,
): void {
  if (walk.problems.length >= MAX_PROBLEMS) return;
  for (const problem of schemaErrors({ value, pointer, check: checkOf(kind, language), reportOtherLanguage })) {
    walk.problems.push(problem);
  }
}

function checkStates(walk: Walk, scope: JsonObject, pointer: string): void {
  const states = member(scope, 'States');
  if (!isJsonObject(states)) return;
  for (const [name, state] of Object.entries(states)) checkState(walk, state, `${pointer}/States/${name}`);
}

function checkState(walk: Walk, state: Json, pointer: string): void {
  if (!isJsonObject(state)) {
    walk.problems.push(shapeProblem.type(['object'], pointer));
    return;
  }
  const type = member(state, 'Type');
  if (!isStateType(type)) {
    const missing = type === undefined;
    walk.problems.push(
      missing
        ? shapeProblem.required(['Type'], pointer)
        : shapeProblem.stateType(TYPES_AS_AWS_LISTS_THEM, `${pointer}/Type`),
    );
    return;
  }
  const language = languageOf(state, walk.machineLanguage);
  const downgrade = language === 'JSONPath' && walk.machineLanguage === 'JSONata';
  if (downgrade) walk.problems.push(stateProblem.downgrade(pointer));
  check(walk, type, state, pointer, language, !downgrade);
  if (type === 'Choice') checkRules(walk, state, 'Choices', 'choiceRule', pointer, language);
  else if (type === 'Parallel') checkBranches(walk, state, pointer);
  else if (type === 'Map') checkProcessors(walk, state, pointer);
}

function checkBranches(walk: Walk, state: JsonObject, pointer: string): void {
  for (const [index, branch] of list(state, 'Branches').entries()) {
    checkScope(walk, 'branch', branch, `${pointer}/Branches[${index}]`);
  }
}

function checkProcessors(walk: Walk, state: JsonObject, pointer: string): void {
  for (const field of ['ItemProcessor', 'Iterator']) {
    checkScope(walk, 'processor', member(state, field), `${pointer}/${field}`);
  }
}

function checkScope(walk: Walk, kind: 'branch' | 'processor', scope: Json | undefined, pointer: string): void {
  if (!isJsonObject(scope)) return;
  check(walk, kind, scope, pointer);
  checkStates(walk, scope, pointer);
}

/** The rules in a list; JSONPath has rules inside rules. */
function checkRules(
  walk: Walk,
  owner: JsonObject,
  field: string,
  kind: 'choiceRule' | 'nestedRule',
  pointer: string,
  language: Language,
): void {
  for (const [index, rule] of list(owner, field).entries()) {
    checkRule(walk, rule, kind, `${pointer}/${field}[${index}]`, language);
  }
}

function checkRule(
  walk: Walk,
  rule: Json | undefined,
  kind: 'choiceRule' | 'nestedRule',
  pointer: string,
  language: Language,
): void {
  if (!isJsonObject(rule)) return;
  check(walk, kind, rule, pointer, language);
  if (language === 'JSONata') return;
  checkRule(walk, member(rule, 'Not'), 'nestedRule', `${pointer}/Not`, language);
  for (const field of ['And', 'Or']) checkRules(walk, rule, field, 'nestedRule', pointer, language);
}

const TYPES_AS_AWS_LISTS_THEM = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'];

const isStateType = (value: Json | undefined): value is StateType => STATE_TYPES.some((type) => type === value);
