import type { Language } from '../../../schemas/asl/schema.ts';
import type { StateDefinition } from '../../../schemas/definition.ts';
import type { Problem } from '../../../schemas/problem.ts';
import type { ScopePlace } from '../scopes.ts';

/** One state, and where it is written. */
export interface StatePlace {
  readonly name: string;
  readonly state: StateDefinition;
  readonly scope: ScopePlace;
  /** The query language in force. */
  readonly language: Language;
  /** As AWS writes it, e.g. /States/P/Branches[0]/States/A. */
  readonly pointer: string;
}

/** A rule that one state keeps or breaks by itself. */
export type StateRule = (at: StatePlace) => Problem[];

/** A rule about all states together; `scopes` has the outer before the inner ones. */
export type MachineRule = (states: readonly StatePlace[], scopes: readonly ScopePlace[]) => Problem[];
