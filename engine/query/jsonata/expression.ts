import { EvaluationError } from '../../../schemas/errors.ts';
import type { Json, JsonObject } from '../../../schemas/json.ts';
import { type Place, reportInvalid } from '../place.ts';
import type { Scope } from '../query-language.ts';
import { calledNames, isSimple } from './cost.ts';
import { type Evaluated, type Guard, LIMITS, type Program, prepare } from './evaluation.ts';
import { FUNCTIONS, Moment } from './functions.ts';
import { readsRoot, topLevelNames, writesBeyondData } from './references.ts';
import { ExpressionFault } from './syntax.ts';
import {
  CODE,
  exceeded,
  NO_FUNCTION,
  NO_ROOT,
  noStatesField,
  returnedNothing,
  TRANSFORMS_DATA_ONLY,
  threw,
  topLevelReference,
} from './wording.ts';

/** What `$states` has besides `input` and `context` where an expression stands. */
export type Given = 'result' | 'errorOutput' | 'nothing';

/** Where an expression stands, and who evaluates it when it may be expensive. */
export interface Setting {
  readonly at: Place;
  readonly given: Given;
  readonly guard: Guard;
}

/** A compiled expression; `given` is the result or the error output, where there is one. */
export type Evaluate = (scope: Scope, given?: Json) => Promise<Json>;

const OPEN = '{%';
const CLOSE = '%}';

/** Whether a text is an expression: all of it, and nothing around it. */
export const isExpression = (text: string): boolean =>
  text.length >= OPEN.length + CLOSE.length && text.startsWith(OPEN) && text.endsWith(CLOSE);

/** Whether a text begins like an expression. */
export const opensExpression = (text: string): boolean => text.startsWith(OPEN);

/** An expression as failures repeat it. */
export const sourceOf = (text: string): string => text.slice(OPEN.length, -CLOSE.length).trim();

/** Where a field is, as failures name it. */
export const fieldOf = (at: Place): string => at.field ?? '';

/** Compiles a text that {@link isExpression}; reports it and gives undefined when it cannot be one. */
export function compileExpression(text: string, setting: Setting): Evaluate | undefined {
  const source = sourceOf(text);
  const program = tryPrepare(source, setting.at);
  if (program === undefined || !isSupported(program, setting)) return undefined;
  return isSimple(program.tree) ? evaluateInline(program, setting) : evaluateGuarded(program, setting);
}

function tryPrepare(source: string, at: Place): Program | undefined {
  try {
    return prepare(source, false);
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    reportInvalid(at, error.message, CODE.invalid);
    return undefined;
  }
}

/** Reports what an expression names and is not there. */
function isSupported({ tree, references }: Program, { at, given }: Setting): boolean {
  const problems = [
    ...topLevelNames(tree).map(topLevelReference),
    ...(readsRoot(tree) ? [NO_ROOT] : []),
    ...[...(references.states ?? [])].filter((name) => !ALWAYS.has(name) && name !== given).map(noStatesField),
    ...(writesBeyondData(tree) ? [TRANSFORMS_DATA_ONLY] : []),
  ];
  for (const problem of problems) reportInvalid(at, problem, CODE.unsupported);
  return problems.length === 0;
}

const ALWAYS: ReadonlySet<string> = new Set(['input', 'context']);

type Bind = (scope: Scope, given: Json | undefined) => JsonObject;

/** What an expression names, and no more. */
function binderOf({ references }: Program, kind: Given): Bind {
  const variables = references.names.filter((name) => name !== 'states');
  const statesOf = references.names.includes('states') ? statesReader(references.states, kind) : undefined;
  return (scope, given) => {
    const bindings: JsonObject = {};
    if (statesOf) bindings['states'] = statesOf(scope, given);
    for (const name of variables) {
      const value = Object.hasOwn(scope.variables, name) ? scope.variables[name] : undefined;
      if (value !== undefined) bindings[name] = value;
    }
    return bindings;
  };
}

/** The members of `$states` that are read. To make the context object costs something. */
function statesReader(read: ReadonlySet<string> | undefined, kind: Given): Bind {
  const reads = (name: string): boolean => read === undefined || read.has(name);
  const [input, context, afterwards] = [reads('input'), reads('context'), kind !== 'nothing' && reads(kind)];
  return (scope, given) => {
    const states: JsonObject = {};
    if (input) states['input'] = scope.input;
    if (context) states['context'] = scope.context;
    if (afterwards && given !== undefined) states[kind] = given;
    return states;
  };
}

function evaluateInline(program: Program, { at, given: kind }: Setting): Evaluate {
  const { source, references } = program;
  const field = fieldOf(at);
  const bind = binderOf(program, kind);
  const called = calledNames(program.tree);
  const needsMoment = references.names.some((name) => Object.hasOwn(FUNCTIONS, name));
  return async (scope, given) => {
    // A variable hides the function of its name; the library would leave marks on the variable's value.
    if (called.some((name) => Object.hasOwn(scope.variables, name))) throw asError({ type: 'error', ...NO_FUNCTION });
    const moment = needsMoment ? new Moment(scope.at, scope.chance) : undefined;
    return jsonOf(await program.run(bind(scope, given), moment), source, field);
  };
  function asError(evaluated: Evaluated): EvaluationError {
    return failureOf(evaluated, source, field);
  }
}

/** Functions that draw chance. */
const DRAWING: readonly string[] = ['random', 'shuffle', 'uuid'];

function evaluateGuarded(program: Program, { at, given: kind, guard }: Setting): Evaluate {
  const { source, references } = program;
  const field = fieldOf(at);
  const bind = binderOf(program, kind);
  const draws = DRAWING.some((name) => references.names.includes(name));
  return async (scope, given) => {
    const seed = draws ? scope.chance.uuid() : '';
    return jsonOf(await guard({ source, bindings: bind(scope, given), at: scope.at, seed }), source, field);
  };
}

function jsonOf(evaluated: Evaluated, source: string, field: string): Json {
  if (evaluated.type === 'value' && evaluated.value !== undefined) return evaluated.value;
  throw failureOf(evaluated, source, field);
}

function failureOf(evaluated: Evaluated, source: string, field: string): EvaluationError {
  switch (evaluated.type) {
    case 'value':
      return new EvaluationError(returnedNothing(source, field), field);
    case 'error':
      return new EvaluationError(threw(source, field, evaluated.code, evaluated.message), field);
    case 'exceeded':
      return new EvaluationError(exceeded(source, field, LIMITS[evaluated.limit]), field);
  }
}
