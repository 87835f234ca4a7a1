import { DefinitionError, type Problem } from '../../schemas/problem.ts';
import { parseDefinition } from '../asl/parse.ts';
import type { WorkflowType } from '../asl/scopes.ts';
import { unsupported } from '../asl/supported.ts';
import { buildMachine, type Machine } from '../interpreter/machine.ts';

/**
 * From a definition's text to a machine.
 *
 * @throws DefinitionError with every problem of severity ERROR
 */
export function compileText(text: string): Machine {
  const { machine, problems } = compile(text, 'STANDARD');
  const errors = problems.filter(isError);
  if (!machine || errors.length > 0) throw new DefinitionError(errors);
  return machine;
}

/** Everything that is wrong with a definition, or doubtful: what ValidateStateMachineDefinition tells. */
export const checkDefinition = (text: string, type: WorkflowType): { problems: readonly Problem[] } =>
  compile(text, type);

function compile(text: string, type: WorkflowType): { machine?: Machine; problems: readonly Problem[] } {
  const { definition, problems } = parseDefinition(text, type);
  if (!definition) return { problems };
  const refused = [...problems, ...unsupported(definition)];
  if (refused.some(isError)) return { problems: refused };
  const built = buildMachine(definition);
  return { machine: built.machine, problems: [...problems, ...built.problems] };
}

const isError = ({ severity }: Problem): boolean => severity === 'ERROR';
