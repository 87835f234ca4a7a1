import { closed, type Language, listOf, object, text } from './schema.ts';
import { anyState, assign, inputAndOutput } from './state-fields.ts';

/** https://states-language.net/spec.html#choice-state; its rules are checked one by one. */
export const choice = (language: Language) =>
  closed(
    {
      ...anyState,
      ...inputAndOutput(language),
      ...assign,
      Choices: listOf(object, 1),
      Default: text,
    },
    { required: ['Choices'] },
  );
