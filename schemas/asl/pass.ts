import { anyState, assign, hasTransition, inputAndOutput, transition } from './common.ts';
import { anything, closed, type Language, only, pathOrNull } from './schema.ts';

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
