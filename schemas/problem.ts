/** A finding about a definition, as ValidateStateMachineDefinition reports it. */
export interface Problem {
  readonly severity: 'ERROR' | 'WARNING';
  /** AWS's code where AWS has one, e.g. SCHEMA_VALIDATION_FAILED, MISSING_TRANSITION_TARGET. */
  readonly code: string;
  readonly message: string;
  /** A JSON pointer into the definition, e.g. /States/Pay/Retry[0]. */
  readonly location?: string;
}

/** A definition that cannot be used, with everything that is wrong with it. */
export class DefinitionError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      problems
        .map((problem) => `${problem.code}: ${problem.message}${problem.location ? ` at ${problem.location}` : ''}`)
        .join(', '),
    );
    this.problems = problems;
  }
}
