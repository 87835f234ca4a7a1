import type { ArnScope } from '../../../schemas/arn.ts';

/** A function as an invocation names it. */
export interface FunctionName {
  readonly name: string;
  /** A version or an alias. */
  readonly qualifier: string | undefined;
  /** Without a qualifier. */
  readonly arn: string;
}

/** `name`, `ACCOUNT:function:name` or `arn:aws:lambda:REGION:ACCOUNT:function:name`, each perhaps with `:qualifier`. */
const FORMS = /^(?:(?:(arn:aws[a-z-]*:lambda:[^:]+:)?([^:]+):)?function:)?([^:/]+)(?::([^:/]+))?$/;

/**
 * Reads FunctionName; undefined when it cannot name a function.
 *
 * @param scope where a function is that is named without region or account
 */
export function parseFunctionName(text: string, scope: ArnScope): FunctionName | undefined {
  const [, place, account, name, qualifier] = FORMS.exec(text) ?? [];
  if (name === undefined) return undefined;
  const arn = `${place ?? `arn:aws:lambda:${scope.region}:`}${account ?? scope.accountId}:function:${name}`;
  return { name, qualifier, arn };
}
