import { ERROR, StatesError } from '../../../schemas/errors.ts';
import { isJsonObject, type JsonObject, member } from '../../../schemas/json.ts';
import { inside, item } from '../../query/place.ts';
import type { StateKind } from './state-kind.ts';

/** ASL "Choice State": goes where the first rule that holds says, or to Default. */
export const choice: StateKind = ({ state, at, query, flow }) => {
  const listed = member(state, 'Choices');
  const rules = (Array.isArray(listed) ? listed : []).filter(isJsonObject).map((rule, index) => {
    const ruleAt = item(inside(at, 'Choices'), index);
    return {
      holds: query.condition(rule, ruleAt),
      next: nextOf(rule),
      // The state's own Assign is for Default, and so is its Output where rules can have one.
      leaving: {
        output: query.ruleOutput(rule, ruleAt) ?? flow.output,
        assign: query.assign(rule, ruleAt, 'rule', state),
      },
    };
  });
  const otherwise = member(state, 'Default');
  return {
    enter: async ({ scope }) => {
      for (const rule of rules) {
        const { holds, next, leaving } = rule;
        if (await holds(scope)) return { type: 'advance', result: scope.input, next, leaving };
      }
      if (typeof otherwise === 'string') return { type: 'advance', result: scope.input, next: otherwise };
      throw new StatesError(
        ERROR.noChoiceMatched,
        'Failed to transition out of the state. The state does not point to a next state.',
      );
    },
  };
};

function nextOf(rule: JsonObject): string {
  const next = member(rule, 'Next');
  return typeof next === 'string' ? next : '';
}
