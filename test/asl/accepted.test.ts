import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../schemas/json.ts';
import { distributed, inner, invoke, jsonata, machine, mapOf, onlyState, problemsOf, withState } from './machines.ts';

/** Definitions that stand at the edge of what is allowed. */
const accepted: readonly (readonly [name: string, definition: JsonObject])[] = [
  [
    'all of the top level',
    onlyState({ Type: 'Succeed' }, { Comment: 'c', Version: '1.0', TimeoutSeconds: 0, QueryLanguage: 'JSONPath' }),
  ],
  ['Next beside an End that is false', withState({ Type: 'Pass', Next: 'Done', End: false })],
  [
    'all of Pass',
    onlyState({
      Type: 'Pass',
      Comment: 'c',
      InputPath: null,
      Parameters: [],
      Result: null,
      ResultPath: null,
      OutputPath: null,
      Assign: { x: 1, 'größe.$': '$' },
      End: true,
    }),
  ],
  ['all of Pass in JSONata', onlyState({ Type: 'Pass', Output: [], Assign: { x: '{% 1 %}' }, End: true }, jsonata)],
  [
    'all of Task',
    withState({
      ...invoke,
      InputPath: '$',
      ResultSelector: {},
      ResultPath: '$.r',
      OutputPath: '$',
      TimeoutSeconds: 60,
      HeartbeatSecondsPath: '$.h',
      Credentials: { 'RoleArn.$': '$.role' },
      Next: 'Done',
      Retry: [
        {
          ErrorEquals: ['A', 'B'],
          Comment: 'c',
          IntervalSeconds: 0,
          MaxAttempts: 0,
          BackoffRate: 1,
          MaxDelaySeconds: 31_622_400,
          JitterStrategy: 'FULL',
        },
        { ErrorEquals: ['States.ALL'] },
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], Comment: 'c', ResultPath: null, Next: 'Done' }],
    }),
  ],
  [
    'all of Task in JSONata',
    withState(
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: '{% $states.input %}',
        TimeoutSeconds: '{% 5 %}',
        HeartbeatSeconds: 4,
        Output: null,
        Next: 'Done',
        Catch: [{ ErrorEquals: ['E'], Output: '{% $states.errorOutput %}', Assign: { e: 1 }, Next: 'Done' }],
      },
      jsonata,
    ),
  ],
  ['numbers with a point that are whole', onlyState({ Type: 'Wait', Seconds: 5.0, End: true })],
  [
    'Wait until a time with nine decimals',
    onlyState({ Type: 'Wait', Timestamp: '2016-03-05T21:29:29.243167252Z', End: true }),
  ],
  ['Wait in JSONata', onlyState({ Type: 'Wait', Timestamp: '{% $states.input.t %}', End: true }, jsonata)],
  [
    'a comparison with false',
    withState({ Type: 'Choice', Choices: [{ Variable: '$.a', BooleanEquals: false, Next: 'Done' }] }),
  ],
  [
    'rules inside rules',
    withState({
      Type: 'Choice',
      Default: 'Done',
      Choices: [
        {
          Comment: 'c',
          And: [
            { Or: [{ Variable: '$.a', TimestampEquals: '2020-02-29T00:00:00+01:00' }], Comment: 'c' },
            { Not: { Variable: '$.b', IsPresent: true } },
          ],
          Assign: { x: 1 },
          Next: 'Done',
        },
      ],
    }),
  ],
  [
    'conditions',
    withState(
      {
        Type: 'Choice',
        Choices: [
          { Condition: true, Next: 'Done' },
          { Condition: '{% false %}', Output: 1, Assign: { x: 1 }, Next: 'Done' },
        ],
      },
      jsonata,
    ),
  ],
  ['a Fail with paths', onlyState({ Type: 'Fail', ErrorPath: '$.e', CausePath: "States.Format('{}', $.c)" })],
  ['a Fail in JSONata', onlyState({ Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'c' }, jsonata)],
  [
    'a Map as it was',
    onlyState({
      Type: 'Map',
      Iterator: { ...inner, ProcessorConfig: { Mode: 'INLINE' } },
      Parameters: {},
      ItemsPath: '$$.Execution.Input.a',
      MaxConcurrency: 2 ** 62,
      End: true,
    }),
  ],
  [
    'a Map in JSONata',
    onlyState(mapOf({ Items: [1], ItemSelector: {}, MaxConcurrency: '{% 1 %}', Output: 1 }), jsonata),
  ],
  [
    'a distributed Map',
    onlyState(
      mapOf({
        ItemProcessor: distributed,
        Label: 'Übung-1_a',
        ToleratedFailurePercentage: 0.5,
        ToleratedFailureCountPath: '$.n',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: {
            InputType: 'CSV',
            CSVHeaderLocation: 'GIVEN',
            CSVHeaders: ['a'],
            CSVDelimiter: 'TAB',
            MaxItems: 1,
          },
          Parameters: {},
        },
        ItemBatcher: { BatchInput: {}, MaxItemsPerBatch: 1, MaxInputBytesPerBatchPath: '$.b' },
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Parameters: {},
          WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' },
        },
      }),
    ),
  ],
  [
    'a JSONata state in a JSONPath machine',
    onlyState({ Type: 'Pass', QueryLanguage: 'JSONata', Output: 1, End: true }),
  ],
  [
    'a loop inside a branch',
    onlyState({
      Type: 'Parallel',
      End: true,
      Branches: [machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } })],
    }),
  ],
  ['a name of 80 characters beyond the basic plane', machine({ ['🛒'.repeat(80)]: { Type: 'Succeed' } })],
  [
    'names that need escapes',
    machine({
      'a/b~c "d"': { Type: 'Pass', Next: '__proto__' },
      ['__proto__']: { Type: 'Pass', Next: 'constructor' },
      constructor: { Type: 'Succeed' },
    }),
  ],
];

const resources = [
  'arn:aws:states:us-east-1:123456789012:activity:Work',
  'arn:aws-cn:states:cn-north-1:123456789012:activity:Arbeit-Ü',
  'arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST',
  'arn:aws:states:::states:startExecution.sync:2',
  'arn:aws:states:::aws-sdk:s3:getObject.waitForTaskToken',
  'arn:aws:states:us-east-1:123456789012:aws-sdk:polly:startSpeechSynthesisTask',
  'arn:aws:states:::bedrock-agentcore:invokeHarness',
  'arn:aws:states:::http:invoke',
];

describe('the language accepts', () => {
  test.each(accepted)('%s', (_name, definition) => {
    expect(problemsOf(definition)).toEqual([]);
  });

  test.each(resources)('the resource %s', (resource) => {
    const Parameters = { StateMachineArn: 'a' };
    expect(problemsOf(onlyState({ Type: 'Task', Resource: resource, Parameters, End: true }))).toEqual([]);
  });
});
