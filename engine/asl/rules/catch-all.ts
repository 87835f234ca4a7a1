import { ERROR } from '../../../schemas/errors.ts';
import { isJsonObject } from '../../../schemas/json.ts';
import { list } from '../scopes.ts';
import { ruleProblem } from '../wording.ts';
import type { StateRule } from './rule.ts';

/** States.ALL stands alone in its ErrorEquals, and in the last retrier or catcher. https://states-language.net/spec.html#errors */
export const catchAllAloneAndLast: StateRule = ({ state, pointer }) =>
  ['Retry', 'Catch'].flatMap((field) => {
    const rules = list(state, field);
    return rules.flatMap((rule, index) => {
      if (!isJsonObject(rule)) return [];
      const names = list(rule, 'ErrorEquals');
      const position = names.indexOf(ERROR.all);
      if (position < 0 || (names.length === 1 && index === rules.length - 1)) return [];
      return [ruleProblem.catchAll(`${pointer}/${field}[${index}]/ErrorEquals[${position}]`)];
    });
  });
