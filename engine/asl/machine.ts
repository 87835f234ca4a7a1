import type { StateDefinition } from '../../schemas/definition.ts';
import type { Place } from '../query/place.ts';
import type { QueryLanguage } from '../query/query-language.ts';

/** States and where they start, compiled: the root, a branch of a Parallel, or the processor of a Map. */
export interface CompiledScope<N> {
  /**
   * JSON pointer of the object that owns the states: '' for the root, '/States/P/Branches/0',
   * '/States/M/ItemProcessor'; scopes inside scopes append to it.
   */
  readonly path: string;
  readonly startAt: string;
  /** By state name, in the order in which the definition has them. */
  readonly nodes: ReadonlyMap<string, N>;
}

/** A definition, compiled. `N` is what a state became. */
export interface Machine<N> {
  /** By scope path; the root is ''. */
  readonly scopes: ReadonlyMap<string, CompiledScope<N>>;
  /** Whole-execution time limit in seconds. */
  readonly timeoutSeconds?: number;
}

/** What is to be linked: one state, and where it stands. */
export interface StateContext {
  readonly name: string;
  readonly state: StateDefinition;
  /** The state's place in the definition, e.g. /States/P/Branches[0]/States/A, and where its problems go. */
  readonly at: Place;
  /** The scope that the state is in. */
  readonly scope: string;
  /** The query language in force for the state. */
  readonly language: QueryLanguage['name'];
  /** The paths of the scopes inside this state: one per branch of a Parallel, one for a Map, none else. */
  readonly inner: readonly string[];
}

/** Turns one state into a node. Faults are reported to the place; the machine is then never run. */
export type Link<N> = (context: StateContext) => N;
