import { closed, KEYWORDS, type Language, only, text } from './schema.ts';
import { anyState } from './state-fields.ts';

/** https://states-language.net/spec.html#fail-state */
export const fail = (language: Language) =>
  closed(
    {
      ...anyState,
      Error: text,
      Cause: text,
      ...only('JSONPath', language, { ErrorPath: text, CausePath: text }),
    },
    { allOf: [{ [KEYWORDS.atMostOneOf]: ['Error', 'ErrorPath'] }, { [KEYWORDS.atMostOneOf]: ['Cause', 'CausePath'] }] },
  );
