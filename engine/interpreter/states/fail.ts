import type { ErrorOutput } from '../../../schemas/errors.ts';
import type { Field, Scope } from '../../query/query-language.ts';
import { NOT_TEXT } from './complaints.ts';
import type { StateKind } from './state-kind.ts';

/** ASL "Fail State": ends its scope with an error. */
export const fail: StateKind = ({ state, at, query }) => {
  const error = query.field(state, 'Error', at);
  const cause = query.field(state, 'Cause', at);
  return {
    enter: async ({ scope }) => {
      const output: { -readonly [K in keyof ErrorOutput]: ErrorOutput[K] } = {};
      if (error) output.error = await text(error, scope);
      if (cause) output.cause = await text(cause, scope);
      return { type: 'fail', error: output };
    },
  };
};

async function text(field: Field, scope: Scope): Promise<string> {
  const value = await field.evaluate(scope);
  if (typeof value === 'string') return value;
  throw field.refuse(value, NOT_TEXT);
}
