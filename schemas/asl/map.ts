import { anyState, assign, hasTransition, inputAndOutput, result, transition } from './common.ts';
import { distributed } from './distributed-map.ts';
import { errorRules } from './error-rules.ts';
import { processor } from './machine.ts';
import { anything, closed, integer, KEYWORDS, type Language, literalOrExpression, only, text } from './schema.ts';

/** https://states-language.net/spec.html#map-state */
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
      ItemProcessor: processor,
      Iterator: processor,
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
