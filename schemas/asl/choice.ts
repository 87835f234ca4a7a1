import { choiceRule, ruleDefinitions } from './choice-rule.ts';
import { anyState, assign, inputAndOutput } from './common.ts';
import { closed, type Language, listOf, text } from './schema.ts';

/** https://states-language.net/spec.html#choice-state */
export const choice = (language: Language) =>
  closed(
    {
      ...anyState,
      ...inputAndOutput(language),
      ...assign,
      Choices: listOf(choiceRule(language), 1),
      Default: text,
    },
    { required: ['Choices'], ...ruleDefinitions(language) },
  );
