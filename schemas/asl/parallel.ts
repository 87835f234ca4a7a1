import { errorRules } from './error-rules.ts';
import { closed, type Language, listOf, object } from './schema.ts';
import { anyState, assign, hasTransition, inputAndOutput, result, transition, workArguments } from './state-fields.ts';

/** https://states-language.net/spec.html#parallel-state; its branches are checked one by one. */
export const parallel = (language: Language) =>
  closed(
    {
      ...anyState,
      ...transition,
      ...inputAndOutput(language),
      ...workArguments(language),
      ...result(language),
      ...assign,
      ...errorRules(language),
      Branches: listOf(object, 1),
    },
    { required: ['Branches'], ...hasTransition },
  );
