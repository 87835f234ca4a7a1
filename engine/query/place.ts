import type { Problem } from '../../schemas/problem.ts';

/** A place in a definition that is being compiled, and where to report what is wrong there. */
export interface Place {
  /** JSON pointer, e.g. /States/Pay/Parameters. */
  readonly pointer: string;
  readonly report: (problem: Problem) => void;
}

/** The place of a member of the value at a place. */
export const inside = (at: Place, name: string): Place => ({ pointer: `${at.pointer}/${name}`, report: at.report });

/** The place of an item of the list at a place; AWS writes `/States/Pay/Retry[0]`. */
export const item = (at: Place, index: number): Place => ({ pointer: `${at.pointer}[${index}]`, report: at.report });

/** Reports a value that the schema accepts and the language does not, e.g. a path that does not parse. */
export function reportInvalid(at: Place, message: string): void {
  at.report({ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location: at.pointer });
}
