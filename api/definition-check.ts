import { DefinitionError } from '../schemas/problem.ts';
import type { Context } from './operation.ts';

/** @throws ApiError InvalidDefinition with all that is wrong */
export function requireDefinition(
  definition: string,
  type: 'STANDARD' | 'EXPRESS',
  { machines, reject }: Context<'InvalidDefinition'>,
): void {
  const errors = machines.check(definition, type).problems.filter(({ severity }) => severity === 'ERROR');
  if (errors.length > 0) throw reject('InvalidDefinition', new DefinitionError(errors).message);
}
