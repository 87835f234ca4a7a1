import type { Expression } from 'jsonata';
import type { Json, JsonObject } from '../../../schemas/json.ts';
import { chanceOf } from '../chance.ts';
import { BOUNDED_FUNCTIONS, FUNCTIONS, MOMENT, Moment } from './functions.ts';
import { hasTransforms, isNavigation, type References, referencesOf } from './references.ts';
import { asData, toJson } from './result.ts';
import { limitRoom, MemoryExceeded } from './room.ts';
import { isRecord, parseExpression, type SyntaxNode, treeOf } from './syntax.ts';
import { NO_FUNCTION, TOO_DEEP, TOO_LARGE, TOO_LONG } from './wording.ts';

/** How an evaluation ended. `value` is absent when the expression gave nothing. */
export type Evaluated =
  | { readonly type: 'value'; readonly value?: Json }
  /** The expression is at fault; the code is JSONata's. */
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  /** It went beyond a limit. */
  | { readonly type: 'exceeded'; readonly limit: Limit };

export type Limit = keyof typeof LIMITS;
export const LIMITS = { depth: TOO_DEEP, time: TOO_LONG, memory: TOO_LARGE } as const;

/** An evaluation as data, so that it can be done elsewhere. */
export interface EvaluationRequest {
  readonly source: string;
  /** `$states` and the variables that the expression names. */
  readonly bindings: JsonObject;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of everything that it draws. */
  readonly seed: string;
}

/**
 * Evaluates what may loop, recurse or use a lot of room. An evaluation never throws; who takes the time or the room
 * from others does not come back to them: that is what a guard is for.
 */
export type Guard = (request: EvaluationRequest) => Promise<Evaluated>;

/** An expression ready to be evaluated, again and again. */
export interface Program {
  readonly source: string;
  readonly tree: SyntaxNode;
  readonly references: References;
  /** @param moment needed when the expression calls one of {@link FUNCTIONS} */
  run(bindings: JsonObject, moment: Moment | undefined): Promise<Evaluated>;
}

/** Deeper than AWS, whose depth is 100: each member of an object counts while it is being evaluated. */
const GUARDED = { stack: 1000, sequence: 873_782 };

/**
 * Prepares an expression.
 *
 * @param guarded whether depth, lengths and room are counted, which takes time
 * @throws ExpressionFault
 */
export function prepare(source: string, guarded: boolean): Program {
  const expression = parseExpression(source, guarded ? GUARDED : undefined);
  const tree = treeOf(expression);
  const references = referencesOf(tree);
  const added = guarded ? { ...FUNCTIONS, ...BOUNDED_FUNCTIONS } : FUNCTIONS;
  for (const name of references.names) {
    const own = Object.hasOwn(added, name) ? added[name] : undefined;
    if (own) expression.registerFunction(name, own.apply, own.signature);
  }
  if (guarded) limitRoom(expression, hasTransforms(tree));
  // Evaluating data is evaluating what the sender of the data likes: AWS has no such function.
  if (references.names.includes('eval')) expression.assign('eval', undefined);
  const finish = isNavigation(tree) ? asData : toJson;
  return { source, tree, references, run: (bindings, moment) => run(expression, finish, bindings, moment) };
}

async function run(
  expression: Expression,
  finish: (result: unknown) => Json | undefined,
  bindings: Record<string, unknown>,
  moment: Moment | undefined,
): Promise<Evaluated> {
  try {
    const bound = moment ? { ...bindings, [MOMENT]: moment } : bindings;
    const value = finish(await expression.evaluate(undefined, bound));
    return value === undefined ? { type: 'value' } : { type: 'value', value };
  } catch (error) {
    return failureOf(error);
  }
}

/** The library throws plain objects with a code; anything else is thrown by what it is made of. */
function failureOf(error: unknown): Evaluated {
  if (error instanceof MemoryExceeded) return { type: 'exceeded', limit: 'memory' };
  if (error instanceof RangeError)
    return { type: 'exceeded', limit: /stack/i.test(error.message) ? 'depth' : 'memory' };
  const code = isRecord(error) ? error['code'] : undefined;
  if (typeof code !== 'string') return { type: 'error', ...NO_FUNCTION };
  const limit = LIMIT_CODES.get(code);
  if (limit) return { type: 'exceeded', limit };
  const message = isRecord(error) ? error['message'] : undefined;
  return { type: 'error', code, message: typeof message === 'string' ? message : '' };
}

/** The library's codes for what goes beyond its options, and for a range that it refuses by itself. */
const LIMIT_CODES: ReadonlyMap<string, Limit> = new Map([
  ['D1011', 'depth'],
  ['D1012', 'time'],
  ['D2014', 'memory'],
  ['D2015', 'memory'],
]);

const MAX_PROGRAMS = 1000;
const programs = new Map<string, Program>();

/** Evaluates on this thread, without a limit of time: for tests, and inside of guards that have one. */
export async function evaluateHere({ source, bindings, at, seed }: EvaluationRequest): Promise<Evaluated> {
  const known = programs.get(source);
  if (known === undefined && programs.size >= MAX_PROGRAMS) programs.clear();
  const program = known ?? prepare(source, true);
  programs.set(source, program);
  // A copy: the library leaves marks on lists, and transforms write where they are told to.
  const copy = JSON.parse(JSON.stringify(bindings)) as JsonObject;
  return program.run(copy, new Moment(at, chanceOf(seed, 'evaluation')));
}
