import {
  closed,
  FORMATS,
  integer,
  KEYWORDS,
  type Language,
  literalOrExpression,
  MAX_SECONDS,
  only,
  text,
} from './schema.ts';
import { anyState, assign, hasTransition, inputAndOutput, transition } from './state-fields.ts';

const sources = {
  JSONPath: ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'],
  JSONata: ['Seconds', 'Timestamp'],
} as const;

/** https://states-language.net/spec.html#wait-state */
export const wait = (language: Language) =>
  closed(
    {
      ...anyState,
      ...transition,
      ...inputAndOutput(language),
      ...assign,
      Seconds: literalOrExpression(language, integer(0, MAX_SECONDS)),
      Timestamp: {
        type: 'string',
        format: language === 'JSONPath' ? FORMATS.timestamp : FORMATS.timestampOrExpression,
      },
      ...only('JSONPath', language, { SecondsPath: text, TimestampPath: text }),
    },
    { allOf: [hasTransition, { [KEYWORDS.exactlyOneOf]: sources[language] }] },
  );
