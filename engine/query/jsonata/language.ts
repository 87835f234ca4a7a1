import { EvaluationError } from '../../../schemas/errors.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../../schemas/json.ts';
import { isDistributed } from '../map-mode.ts';
import { inside, type Place, reportInvalid } from '../place.ts';
import {
  type Afterwards,
  type Assign,
  type Complaint,
  type DataFlow,
  type Expression,
  type Field,
  type OwnerKind,
  type QueryLanguage,
  type Scope,
  shownIn,
} from '../query-language.ts';
import type { Guard } from './evaluation.ts';
import { fieldOf, type Given, isExpression, sourceOf } from './expression.ts';
import { compileTemplate, type Fill } from './template.ts';
import { variablesIn } from './variables.ts';
import { inputNotAnArray, UNDELIMITED, unexpectedType, unfit } from './wording.ts';

/**
 * JSONata: whatever text stands between `{%` and `%}` is an expression.
 *
 * @param guard evaluates what may be expensive
 */
export function createJsonata(guard: Guard): QueryLanguage {
  const compile = (template: Json, at: Place, given: Given = 'nothing'): Fill =>
    compileTemplate(template, { at, given, guard });
  const memberOf = (owner: JsonObject, name: string, at: Place, given?: Given): Fill | undefined => {
    const template = member(owner, name);
    return template === undefined ? undefined : compile(template, inside(at, name), given);
  };
  return {
    name: 'JSONata',
    dataFlow: (state, at): DataFlow => ({
      input: whole,
      arguments: memberOf(state, 'Arguments', at) ?? whole,
      result: asGiven,
      output: memberOf(state, 'Output', at, givenIn('state', state)) ?? asGiven,
    }),
    catchOutput: (catcher, at) => memberOf(catcher, 'Output', at, 'errorOutput') ?? asGiven,
    ruleOutput: (rule, at) => memberOf(rule, 'Output', at) ?? whole,
    assign: (owner, at, kind = 'state', state = owner) => {
      const fill = memberOf(owner, 'Assign', at, givenIn(kind, state));
      return fill && assignOf(fill);
    },
    field: (owner, name, at) => {
      const value = member(owner, name);
      return value === undefined ? undefined : fieldAt(name, value, compile(value, inside(at, name)), inside(at, name));
    },
    template: (owner, name, at) => memberOf(owner, name, at) ?? whole,
    items: (state, at) => itemsOf(state, memberOf(state, 'Items', at), inside(at, 'Items')),
    condition: (rule, at) => conditionOf(member(rule, 'Condition') ?? null, compile, inside(at, 'Condition')),
    variablesIn,
  };
}

const whole: Expression = (scope) => scope.input;
const asGiven: Afterwards<Json> = (_, given) => given;

/** State types that have a result; the others hand their input on. */
const WORKING: ReadonlySet<unknown> = new Set(['Task', 'Parallel', 'Map']);

function givenIn(kind: OwnerKind, state: JsonObject): Given {
  if (kind === 'catcher') return 'errorOutput';
  return kind === 'state' && WORKING.has(member(state, 'Type')) ? 'result' : 'nothing';
}

const assignOf =
  (fill: Fill): Assign =>
  async (scope, given) =>
    asVariables(await fill(scope, given));

const asVariables = (value: Json): JsonObject => (isJsonObject(value) ? value : {});

function fieldAt(name: string, written: Json, evaluate: Expression, at: Place): Field {
  const refuse = (value: Json, complaint: Complaint): EvaluationError => {
    if (typeof value !== complaint.expected) return mismatch(written, at, complaint.expected, value);
    return new EvaluationError(unfit(name, complaint.computed, shownIn(complaint, value)), fieldOf(at), true);
  };
  return { name, source: textOf(written), evaluate, refuse };
}

/** An expression as written, without what it stands between. */
const textOf = (written: Json): string | undefined =>
  typeof written === 'string' && isExpression(written) ? sourceOf(written) : undefined;

function mismatch(written: Json, at: Place, expected: string, value: Json): EvaluationError {
  const source = textOf(written) ?? JSON.stringify(written);
  return new EvaluationError(
    unexpectedType(source, fieldOf(at), expected, typeName(value), JSON.stringify(value)),
    fieldOf(at),
  );
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Measured on AWS: an object is a list of its members when it is written out, and when the Map is a distributed one. */
function itemsOf(state: JsonObject, fill: Fill | undefined, at: Place): Field {
  const written = member(state, 'Items') ?? null;
  const takesObjects = isDistributed(state) || isJsonObject(written);
  const check = (items: Json): Json => {
    if (Array.isArray(items) || (takesObjects && isJsonObject(items))) return items;
    throw fill === undefined
      ? new EvaluationError(inputNotAnArray(JSON.stringify(items)))
      : mismatch(written, at, 'array', items);
  };
  const evaluate: Expression = fill === undefined ? ({ input }) => check(input) : checked(fill, check);
  return fieldAt('Items', written, evaluate, at);
}

const checked =
  (fill: Fill, check: (value: Json) => Json): Expression =>
  async (scope) =>
    check(await fill(scope));

type Compile = (template: Json, at: Place) => Fill;

function conditionOf(written: Json, compile: Compile, at: Place): (scope: Scope) => boolean | Promise<boolean> {
  if (typeof written === 'boolean') return () => written;
  if (typeof written !== 'string' || !isExpression(written)) {
    reportInvalid(at, UNDELIMITED);
    return () => false;
  }
  const evaluate = compile(written, at);
  return async (scope) => {
    const value = await evaluate(scope);
    if (typeof value === 'boolean') return value;
    throw mismatch(written, at, 'boolean', value);
  };
}
