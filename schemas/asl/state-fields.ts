import {
  anything,
  type Fields,
  KEYWORDS,
  type Language,
  object,
  oneOf,
  only,
  pathOrNull,
  type Schema,
  text,
  truth,
} from './schema.ts';

/** Members of every state. https://states-language.net/spec.html#state-type-table */
export const anyState: Fields = { Type: text, Comment: text, QueryLanguage: oneOf('JSONPath', 'JSONata') };

/** Where it goes on: of every state but Choice, Succeed and Fail. */
export const transition: Fields = { Next: text, End: truth };
export const hasTransition: Schema = { [KEYWORDS.exactlyOneOf]: ['Next', 'End'] };

/** Data in and out: of every state but Fail. */
export const inputAndOutput = (language: Language): Fields => ({
  ...only('JSONPath', language, { InputPath: pathOrNull, OutputPath: pathOrNull }),
  ...only('JSONata', language, { Output: anything }),
});

export const assign: Fields = { Assign: object };

/** What the work gets: Task and Parallel. */
export const workArguments = (language: Language): Fields => ({
  ...only('JSONPath', language, { Parameters: anything }),
  ...only('JSONata', language, { Arguments: anything }),
});

/** What becomes of a result: Task, Parallel and Map. */
export const result = (language: Language): Fields =>
  only('JSONPath', language, { ResultSelector: anything, ResultPath: pathOrNull });
