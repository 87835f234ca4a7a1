import type { Definition, StateType } from '../../schemas/definition.ts';
import { member } from '../../schemas/json.ts';
import type { Problem } from '../../schemas/problem.ts';
import { compileMachine } from '../asl/compile.ts';
import type { Machine as CompiledMachine, CompiledScope, StateContext } from '../asl/machine.ts';
import { createQueryLanguages, type QueryLanguages } from '../query/index.ts';
import type { DataFlow } from '../query/query-language.ts';
import type { Leaving } from './leaving.ts';
import { type Catcher, compileRules, type Retrier } from './recover.ts';
import { STATE_KINDS } from './states/index.ts';
import type { Behaviour } from './states/state-kind.ts';

/** A machine that can be run: every path and template is a closure, every state knows its rules. */
export type Machine = CompiledMachine<Node>;
export type Scope = CompiledScope<Node>;

/** One state, linked. */
export interface Node {
  readonly name: string;
  readonly type: StateType;
  /** Where to go when the state is done; undefined ends the scope. */
  readonly next: string | undefined;
  readonly flow: DataFlow;
  /** What the state leaves behind when it has done its work. */
  readonly leaving: Leaving;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
  readonly behaviour: Behaviour;
}

/**
 * Compiles a checked definition.
 *
 * @param languages with a guard, where the definition is to be run and may be anybody's
 * @returns the machine, not to be run when there is a problem of severity ERROR
 */
export function buildMachine(
  definition: Definition,
  languages: QueryLanguages = createQueryLanguages(),
): { machine: Machine; problems: Problem[] } {
  return compileMachine(definition, (context) => linkState(context, languages));
}

function linkState(context: StateContext, languages: QueryLanguages): Node {
  const { name, state, at } = context;
  const query = languages[context.language];
  const flow = query.dataFlow(state, at);
  const next = member(state, 'Next');
  return {
    name,
    type: state.Type,
    next: typeof next === 'string' ? next : undefined,
    flow,
    leaving: { output: flow.output, assign: query.assign(state, at, 'state', state) },
    ...compileRules(state, query, at),
    behaviour: STATE_KINDS[state.Type]({ ...context, query, flow }),
  };
}
