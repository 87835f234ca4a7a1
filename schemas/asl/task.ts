import { errorRules } from './error-rules.ts';
import {
  closed,
  integer,
  KEYWORDS,
  type Language,
  literalOrExpression,
  MAX_SECONDS,
  only,
  type Schema,
  text,
} from './schema.ts';
import { anyState, assign, hasTransition, inputAndOutput, result, transition, workArguments } from './state-fields.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html */
const credentials: Schema = { type: 'object', [KEYWORDS.needs]: ['RoleArn', 'RoleArn.$'] };

/** https://states-language.net/spec.html#task-state */
export const task = (language: Language) =>
  closed(
    {
      ...anyState,
      ...transition,
      ...inputAndOutput(language),
      ...workArguments(language),
      ...result(language),
      ...assign,
      ...errorRules(language),
      Resource: text,
      Credentials: credentials,
      TimeoutSeconds: literalOrExpression(language, integer(1, MAX_SECONDS)),
      HeartbeatSeconds: literalOrExpression(language, integer(1, MAX_SECONDS)),
      ...only('JSONPath', language, { TimeoutSecondsPath: text, HeartbeatSecondsPath: text }),
    },
    {
      required: ['Resource'],
      allOf: [
        hasTransition,
        { [KEYWORDS.atMostOneOf]: ['TimeoutSeconds', 'TimeoutSecondsPath'] },
        { [KEYWORDS.atMostOneOf]: ['HeartbeatSeconds', 'HeartbeatSecondsPath'] },
      ],
    },
  );
