import { distributed } from './distributed-map.ts';
import { errorRules } from './error-rules.ts';
import {
  anything,
  closed,
  integer,
  KEYWORDS,
  type Language,
  literalOrExpression,
  object,
  only,
  text,
} from './schema.ts';
import { anyState, assign, hasTransition, inputAndOutput, result, transition } from './state-fields.ts';

/** https://states-language.net/spec.html#map-state; its processor is checked by itself. */
export const map = (language: Language) =>
  closed(
    {
      ...anyState,
      ...transition,
      ...inputAndOutput(language),
      ...result(language),
      ...assign,
      ...errorRules(language),
      ...distributed(language),
      ItemProcessor: object,
      Iterator: object,
      ItemSelector: anything,
      MaxConcurrency: literalOrExpression(language, integer(0)),
      ...only('JSONPath', language, { ItemsPath: text, MaxConcurrencyPath: text, Parameters: anything }),
      ...only('JSONata', language, { Items: anything }),
    },
    {
      allOf: [
        hasTransition,
        { [KEYWORDS.exactlyOneOf]: ['ItemProcessor', 'Iterator'] },
        { [KEYWORDS.atMostOneOf]: ['MaxConcurrency', 'MaxConcurrencyPath'] },
        { [KEYWORDS.atMostOneOf]: ['ToleratedFailureCount', 'ToleratedFailureCountPath'] },
        { [KEYWORDS.atMostOneOf]: ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'] },
        { [KEYWORDS.atMostOneOf]: ['ItemSelector', 'Parameters'] },
      ],
    },
  );
