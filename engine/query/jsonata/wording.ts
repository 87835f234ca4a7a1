/** What AWS says of JSONata, in one place. */

export const CODE = { invalid: 'INVALID_JSONATA_EXPRESSION', unsupported: 'UNSUPPORTED_JSONATA_EXPRESSION' } as const;

// Found when a definition is compiled.
export const UNDELIMITED = 'JSONata string must start with {% and end with %}';
export const NO_ROOT = "Reference to '$$' is not supported.";
export const topLevelReference = (name: string): string => `Reference to '${name}' at the top level is not supported.`;
export const noStatesField = (name: string): string => `Field '$states.${name}' does not exist.`;
export const TRANSFORMS_DATA_ONLY = 'The pattern of a transform must be a path in its data.';

// Met while a state runs.
const subject = (source: string, field: string): string =>
  `The JSONata expression '${source}' specified for the field '${field}'`;
export const returnedNothing = (source: string, field: string): string =>
  `${subject(source, field)} returned nothing (undefined).`;
export const threw = (source: string, field: string, code: string, message: string): string =>
  `${subject(source, field)} threw an error during evaluation. ${code}: ${message}`;
export const exceeded = (source: string, field: string, message: string): string =>
  `${subject(source, field)} threw an error during evaluation: ${message}`;
export const unexpectedType = (
  source: string,
  field: string,
  expected: string,
  actual: string,
  value: string,
): string =>
  `${subject(source, field)} returned an unexpected result type. Expected '${expected}', but was '${actual}' for value: ${value}`;
export const inputNotAnArray = (value: string): string => `Map state input must be an array but was: ${value}`;
export const unfit = (field: string, complaint: string, value: string): string =>
  `The ${field} field ${complaint}: ${value}`;

/** An evaluation that went beyond its limits. */
export const TOO_DEEP =
  'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive';
export const TOO_LONG = 'Expression evaluation timeout: Check for infinite loop';
export const TOO_LARGE = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';

// Thrown by the functions that Step Functions adds.
export const INVALID_JSON = 'Invalid JSON';
export const NEGATIVE_SIZE = 'Second argument must be zero or greater';
export const unknownAlgorithm = (name: string): string => `Unsupported hash algorithm: ${name}`;
/** The library's own words. */
export const NO_FUNCTION = { code: 'T1006', message: 'Attempted to invoke a non-function' } as const;
