import { closed, type Fields, integer, MAX_SECONDS, object, oneOf, type Schema, text, when } from './schema.ts';

/** States and where they start. What is in `States` is checked state by state, with the schema of its Type. */
const scope: Fields = { Comment: text, StartAt: text, States: object };
const isScope: Schema = { required: ['States', 'StartAt'] };

/** The top level of a definition. https://states-language.net/spec.html#toplevelfields */
export const machine = closed(
  {
    ...scope,
    Version: oneOf('1.0'),
    TimeoutSeconds: integer(0, MAX_SECONDS),
    QueryLanguage: oneOf('JSONPath', 'JSONata'),
  },
  isScope,
);

/** A branch of a Parallel state. */
export const branch = closed(scope, isScope);

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
const processorConfig: Schema = closed(
  { Mode: oneOf('INLINE', 'DISTRIBUTED'), ExecutionType: oneOf('STANDARD', 'EXPRESS') },
  when(
    { type: 'object', properties: { Mode: { const: 'DISTRIBUTED' } }, required: ['Mode'] },
    { type: 'object', required: ['ExecutionType'] },
    { type: 'object', properties: { ExecutionType: false } },
  ),
);

/** The processor of a Map state (or its Iterator, as it was called before). */
export const processor = closed({ ...scope, ProcessorConfig: processorConfig }, isScope);
