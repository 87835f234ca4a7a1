import { anyState, assign, hasTransition, inputAndOutput, result, transition, workArguments } from './common.ts';
import { errorRules } from './error-rules.ts';
import { branch } from './machine.ts';
import { closed, type Language, listOf } from './schema.ts';

/** https://states-language.net/spec.html#parallel-state */
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
      Branches: listOf(branch, 1),
    },
    { required: ['Branches'], ...hasTransition },
  );
