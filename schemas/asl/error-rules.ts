import {
  anything,
  closed,
  type Fields,
  integer,
  type Language,
  listOf,
  MAX_SECONDS,
  object,
  oneOf,
  only,
  pathOrNull,
  text,
} from './schema.ts';

const errorEquals = listOf(text, 1);

/** https://states-language.net/spec.html#errors */
const retrier = closed(
  {
    ErrorEquals: errorEquals,
    Comment: text,
    IntervalSeconds: integer(0, MAX_SECONDS),
    MaxAttempts: integer(0, MAX_SECONDS),
    BackoffRate: { type: 'number', minimum: 1 },
    MaxDelaySeconds: integer(1, 31_622_400),
    JitterStrategy: oneOf('NONE', 'FULL'),
  },
  { required: ['ErrorEquals'] },
);

const catcher = (language: Language) =>
  closed(
    {
      ErrorEquals: errorEquals,
      Comment: text,
      Next: text,
      Assign: object,
      ...only('JSONPath', language, { ResultPath: pathOrNull }),
      ...only('JSONata', language, { Output: anything }),
    },
    { required: ['ErrorEquals', 'Next'] },
  );

/** Retry and Catch: of Task, Parallel and Map. */
export const errorRules = (language: Language): Fields => ({
  Retry: listOf(retrier),
  Catch: listOf(catcher(language)),
});
