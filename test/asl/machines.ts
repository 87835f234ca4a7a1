import { parseDefinition } from '../../engine/asl/parse.ts';
import type { Definition } from '../../schemas/definition.ts';
import type { JsonObject } from '../../schemas/json.ts';

/** Builders of the definitions that the tests of the language are about. */

/** A machine of these states; it starts at the first one. */
export const machine = (states: JsonObject, more: JsonObject = {}): JsonObject => ({
  StartAt: Object.keys(states)[0] ?? '',
  States: states,
  ...more,
});

/** A machine whose first state is `S` and whose last is `Done`. */
export const withState = (state: JsonObject, more: JsonObject = {}): JsonObject =>
  machine({ S: state, Done: { Type: 'Succeed' } }, more);

export const onlyState = (state: JsonObject, more: JsonObject = {}): JsonObject => machine({ S: state }, more);

export const jsonata: JsonObject = { QueryLanguage: 'JSONata' };
export const invoke: JsonObject = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f' },
};
export const inner = machine({ Inner: { Type: 'Succeed' } });
export const mapOf = (more: JsonObject): JsonObject => ({ Type: 'Map', ItemProcessor: inner, End: true, ...more });
export const distributed = machine(
  { Inner: { Type: 'Succeed' } },
  { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
);

/** The problems of a definition as `CODE: message at location`. */
export const problemsOf = (definition: JsonObject, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): string[] =>
  problemsOfText(JSON.stringify(definition), type);

export const problemsOfText = (text: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): string[] =>
  parseDefinition(text, type).problems.map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  );

/** The definition, which nothing may be wrong with. */
export function definitionOf(written: JsonObject): Definition {
  const { definition, problems } = parseDefinition(JSON.stringify(written));
  if (!definition) throw new Error(JSON.stringify(problems));
  return definition;
}
