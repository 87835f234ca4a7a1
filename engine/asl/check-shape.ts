import type { Language } from '../../schemas/asl/schema.ts';
import { STATE_TYPES, type StateType } from '../../schemas/definition.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../schemas/json.ts';
import type { Problem } from '../../schemas/problem.ts';
import { type Checked, schemaErrors } from './schema-errors.ts';
import { scopeCheck, stateCheck } from './validator.ts';
import { shapeProblem, stateProblem } from './wording.ts';

/** Holds a definition against the schemas of the language: every object has the fields, types and ranges that it may have. */
export function checkShape(definition: JsonObject): Problem[] {
  const language = languageOf(definition, 'JSONPath');
  const own = schemaErrors(plain(definition, '', 'machine'));
  return [...own, ...checkStates(definition, '', language)];
}

const plain = (value: Json, pointer: string, kind: 'machine' | 'branch' | 'processor'): Checked => ({
  value,
  pointer,
  check: scopeCheck(kind),
  language: 'JSONPath',
  reportOtherLanguage: true,
});

/** Measured on AWS: exactly "JSONPath" is JSONPath, absent is inherited, whatever else is written is JSONata. */
function languageOf(object: JsonObject, inherited: Language): Language {
  const written = member(object, 'QueryLanguage');
  if (written === undefined) return inherited;
  return written === 'JSONPath' ? 'JSONPath' : 'JSONata';
}

function checkStates(scope: JsonObject, pointer: string, machineLanguage: Language): Problem[] {
  const states = member(scope, 'States');
  if (!isJsonObject(states)) return [];
  return Object.entries(states).flatMap(([name, state]) =>
    checkState(state, `${pointer}/States/${name}`, machineLanguage),
  );
}

function checkState(state: Json, pointer: string, machineLanguage: Language): Problem[] {
  if (!isJsonObject(state)) return [shapeProblem.type(['object'], pointer)];
  const type = member(state, 'Type');
  if (type === undefined) return [shapeProblem.required(['Type'], pointer)];
  if (!isStateType(type)) return [shapeProblem.stateType(STATE_TYPES_AS_AWS_LISTS_THEM, `${pointer}/Type`)];
  const language = languageOf(state, machineLanguage);
  const downgrade = language === 'JSONPath' && machineLanguage === 'JSONata';
  return [
    ...(downgrade ? [stateProblem.downgrade(pointer)] : []),
    ...schemaErrors({
      value: state,
      pointer,
      check: stateCheck(type, language),
      language,
      reportOtherLanguage: !downgrade,
    }),
    ...checkInner(state, type, pointer, machineLanguage),
  ];
}

/** States inside a state have the machine's query language, not that of the state around them. */
function checkInner(state: JsonObject, type: StateType, pointer: string, machineLanguage: Language): Problem[] {
  if (type === 'Parallel') {
    const branches = member(state, 'Branches');
    if (!Array.isArray(branches)) return [];
    return branches.flatMap((branch, index) =>
      isJsonObject(branch) ? checkStates(branch, `${pointer}/Branches[${index}]`, machineLanguage) : [],
    );
  }
  if (type !== 'Map') return [];
  return ['ItemProcessor', 'Iterator'].flatMap((field) => {
    const processor = member(state, field);
    return isJsonObject(processor) ? checkStates(processor, `${pointer}/${field}`, machineLanguage) : [];
  });
}

const STATE_TYPES_AS_AWS_LISTS_THEM = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'];

const isStateType = (value: Json): value is StateType => STATE_TYPES.some((type) => type === value);
