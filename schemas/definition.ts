import type { JsonObject } from './json.ts';

/** A state machine definition as written, after its schema has been checked (ASL: "States Machine" top-level fields). */

export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof STATE_TYPES)[number];

/** States and where they start: a whole machine, a branch of a Parallel, the processor of a Map. */
export interface ScopeDefinition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
  readonly QueryLanguage?: 'JSONPath' | 'JSONata';
}

export interface Definition extends ScopeDefinition {
  readonly Comment?: string;
  readonly Version?: string;
  readonly TimeoutSeconds?: number;
}

/** One state as written. Members beyond these are read by the state's own kind and by the query language. */
export type StateDefinition = JsonObject & { readonly Type: StateType };
