import { anything, closed, type Language, only, pathOrNull } from './schema.ts';
import { anyState, assign, hasTransition, inputAndOutput, transition } from './state-fields.ts';

/** https://states-language.net/spec.html#pass-state */
export const pass = (language: Language) =>
  closed(
    {
      ...anyState,
      ...transition,
      ...inputAndOutput(language),
      ...assign,
      ...only('JSONPath', language, { Parameters: anything, Result: anything, ResultPath: pathOrNull }),
    },
    hasTransition,
  );
