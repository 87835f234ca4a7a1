import { queryLanguages } from '../../engine/query/index.ts';
import { StatesError } from '../../schemas/errors.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { collecting, flawless, scopeOf } from './support.ts';

export const jsonata = queryLanguages.JSONata;

/** What an expression gives as the only member of an Output. */
export async function evaluate(
  expression: string,
  input: Json = {},
  variables: JsonObject = {},
  context: JsonObject = {},
): Promise<Json> {
  const flow = jsonata.dataFlow({ Type: 'Task', Output: { v: `{% ${expression} %}` } }, flawless);
  const output = (await flow.output(scopeOf(input, context, variables), { ok: true })) as JsonObject;
  return output['v'] ?? null;
}

/** `error: reason` of what an expression fails with, without the words that name it. */
export async function failure(expression: string, input: Json = {}, variables: JsonObject = {}): Promise<string> {
  const prefix = `The JSONata expression '${expression}' specified for the field 'Output/v' `;
  try {
    await evaluate(expression, input, variables);
  } catch (error) {
    if (error instanceof StatesError) return error.reason.replace(prefix, '');
    throw error;
  }
  throw new Error('it did not fail');
}

/** What is wrong with an expression: `code: message at place`. */
export function faults(expression: string, state: JsonObject = { Type: 'Pass' }): string[] {
  const { at, problems } = collecting();
  jsonata.dataFlow({ ...state, Output: { v: `{% ${expression} %}` } }, at);
  return problems.map(({ code, message, location }) => `${code}: ${message} at ${location}`);
}
