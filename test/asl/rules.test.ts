import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../schemas/json.ts';
import { distributed, inner, invoke, jsonata, machine, mapOf, onlyState, problemsOf, withState } from './machines.ts';

/** A definition of the right shape, and what is wrong with its meaning. */
type Case = readonly [name: string, definition: JsonObject, ...problems: string[]];

const LONG = 'n'.repeat(81);

const transitions: readonly Case[] = [
  [
    'StartAt names no state',
    { StartAt: 'X', States: { A: { Type: 'Succeed' } } },
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt",
    'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
  ],
  [
    'Next names no state',
    machine({ A: { Type: 'Pass', Next: 'X' }, B: { Type: 'Succeed' } }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next",
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ],
  [
    'Next of a catcher names no state',
    onlyState({ ...invoke, End: true, Catch: [{ ErrorEquals: ['E'], Next: 'X' }] }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/Catch[0]/Next",
  ],
  [
    'Default and a rule name no state',
    machine({ C: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'X' }], Default: 'Y' } }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/C/Default",
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/C/Choices[0]/Next",
    'MISSING_END_STATE: Workflow has no terminal state',
  ],
  [
    'a branch leads out of itself',
    withState({ Type: 'Parallel', Next: 'Done', Branches: [machine({ A: { Type: 'Pass', Next: 'Done' } })] }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: Done at /States/S/Branches[0]/States/A/Next",
  ],
  [
    'a Map starts outside of itself',
    withState({ ...mapOf({ ItemProcessor: { ...inner, StartAt: 'S' } }) }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: S at /States/S/ItemProcessor/StartAt",
    'MISSING_TRANSITION_TARGET: State "Done" is not reachable. at /States/Done',
    'MISSING_TRANSITION_TARGET: State "Inner" is not reachable. at /States/S/ItemProcessor/States/Inner',
  ],
  [
    'a state that only itself leads to',
    machine({ A: { Type: 'Succeed' }, B: { Type: 'Pass', Next: 'B' } }),
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ],
  [
    'a loop without end, and nothing about what it does not reach',
    machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' }, C: { Type: 'Pass', Next: 'A' } }),
    'MISSING_END_STATE: Workflow has no terminal state',
  ],
  [
    'an end that is not reached',
    machine({ A: { Type: 'Pass', Next: 'A' }, B: { Type: 'Succeed' } }),
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ],
  [
    'a name of Object.prototype is no state',
    machine({ A: { Type: 'Pass', Next: 'toString' }, B: { Type: 'Fail' } }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: toString at /States/A/Next",
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ],
];

const names: readonly Case[] = [
  [
    'too long a name',
    machine({ [LONG]: { Type: 'Succeed' } }),
    `INVALID_STATE_NAME: Invalid State name: State '${LONG}' exceeds the 80-character limit allowed by the service at /States/${LONG}`,
  ],
  [
    'no name',
    machine({ '': { Type: 'Succeed' } }),
    'INVALID_STATE_NAME: Invalid State name: the name is empty at /States/',
  ],
  [
    'one name in two scopes',
    machine({ Inner: mapOf({}) }),
    'DUPLICATE_STATE_NAME: Duplicate State name: Inner at /States/Inner/ItemProcessor/States/Inner',
  ],
  [
    'a label with a character of an ARN',
    onlyState(mapOf({ ItemProcessor: distributed, Label: 'a:b' })),
    "INVALID_LABEL_NAME: Label contains invalid character: ':' at /States/S/Label",
  ],
  [
    'a label with a control character',
    onlyState(mapOf({ ItemProcessor: distributed, Label: 'a\u0085' })),
    "INVALID_LABEL_NAME: Label contains invalid character: '\u0085' at /States/S/Label",
  ],
  [
    'no label',
    onlyState(mapOf({ ItemProcessor: distributed, Label: '' })),
    'INVALID_LABEL_NAME: Label cannot be empty at /States/S/Label',
  ],
  [
    'too long a label',
    onlyState(mapOf({ ItemProcessor: distributed, Label: 'l'.repeat(41) })),
    'INVALID_LABEL_NAME: Label cannot exceed 40 characters at /States/S/Label',
  ],
  [
    'one label on two Maps',
    machine({
      A: { ...mapOf({ ItemProcessor: distributed, Label: 'l' }), Next: 'B', End: false },
      B: mapOf({ ItemProcessor: machine({ Other: { Type: 'Succeed' } }), Label: 'l' }),
    }),
    'DUPLICATE_LABEL_NAME: Duplicate Label name: l at /States/B/Label',
  ],
  [
    'a variable with a dash',
    onlyState({ Type: 'Pass', Assign: { 'a-b': 1 }, End: true }),
    "INVALID_VARIABLE_NAME: Invalid variable name 'a-b': the variable name contains invalid characters. at /States/S/Assign",
  ],
  [
    'a variable with a long name',
    onlyState({ Type: 'Pass', Assign: { [`${LONG}.$`]: '$' }, End: true }),
    `INVALID_VARIABLE_NAME: Invalid variable name '${LONG}': the variable name exceeds 80 characters. at /States/S/Assign`,
  ],
  [
    'the reserved variable, in a catcher',
    withState({ ...invoke, End: true, Catch: [{ ErrorEquals: ['E'], Next: 'Done', Assign: { states: 1 } }] }),
    "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Catch[0]/Assign",
  ],
];

const SCHEMA = 'SCHEMA_VALIDATION_FAILED: ';
const unknown = (resource: string): string =>
  `${SCHEMA}The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource`;
const taskOf = (resource: string, more: JsonObject = {}): JsonObject =>
  onlyState({ Type: 'Task', Resource: resource, Parameters: {}, End: true, ...more });

const UNKNOWN = [
  'arn:aws:states:::dynamodb:query',
  'arn:aws:states:::nosuch:service',
  'arn:aws:states:::lambda:invoke.sync',
  'arn:aws:states:::ecs:runTask.sync:2',
  'arn:aws:states:::http:invoke.waitForTaskToken',
  'arn:aws:states:::aws-sdk:s3:GetObject',
  'arn:aws:states:::aws-sdk:s3',
  'arn:aws:states:::aws-sdk:s3:getObject.sync',
  'arn:aws:states:::constructor:toString',
  'arn:aws:states:::lambda',
  'arn:aws:states:::activity:Work',
  'arn:aws:lambda:us-east-1:123456789012:layer:L',
  'arn:aws:sqs:us-east-1:123456789012:queue',
];

const tasks: readonly Case[] = [
  ['a name instead of an ARN', taskOf('Work'), `${SCHEMA}Value is not a valid resource ARN at /States/S/Resource`],
  ['an unfinished placeholder', taskOf('${work'), `${SCHEMA}Value is not a valid resource ARN at /States/S/Resource`],
  ...UNKNOWN.map((resource): Case => [resource, taskOf(resource), unknown(resource)]),
  [
    'no arguments',
    onlyState({ Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true }),
    `${SCHEMA}Parameters field is required for resource ARN: arn:aws:states:::sns:publish at /States/S`,
  ],
  [
    'no arguments in JSONata',
    onlyState({ Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true }, jsonata),
    `${SCHEMA}Arguments field is required for resource ARN: arn:aws:states:::sns:publish at /States/S`,
  ],
  [
    'too few arguments',
    taskOf('arn:aws:states:::sqs:sendMessage', { Parameters: { 'QueueUrl.$': '$.url' } }),
    `${SCHEMA}The field 'MessageBody' is required but was missing at /States/S/Parameters`,
  ],
  [
    'credentials of an activity',
    taskOf('arn:aws:states:us-east-1:123456789012:activity:Work', { Credentials: { RoleArn: 'r' } }),
    `${SCHEMA}The field 'Credentials' is not supported for activities at /States/S/Credentials`,
  ],
  [
    'a heartbeat as slow as the timeout',
    onlyState({ ...invoke, TimeoutSeconds: 10, HeartbeatSeconds: 10, End: true }),
    `${SCHEMA}HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S/HeartbeatSeconds`,
  ],
  [
    'States.ALL before another retrier',
    onlyState({ ...invoke, End: true, Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] }),
    `${SCHEMA}States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals[0]`,
  ],
  [
    'States.ALL in company',
    withState({ ...invoke, End: true, Catch: [{ ErrorEquals: ['E', 'States.ALL'], Next: 'Done' }] }),
    `${SCHEMA}States.ALL must appear alone and at end of list at /States/S/Catch[0]/ErrorEquals[1]`,
  ],
];

const express: readonly Case[] = [
  [
    'an activity',
    taskOf('arn:aws:states:us-east-1:123456789012:activity:Work'),
    `${SCHEMA}Express state machine does not support Activity ARN at /States/S/Resource`,
  ],
  [
    'a job',
    taskOf('arn:aws:states:::states:startExecution.sync:2', { Parameters: { StateMachineArn: 'a' } }),
    `${SCHEMA}Express state machine does not support '.sync' service integration at /States/S/Resource`,
  ],
  [
    'a callback',
    taskOf('arn:aws:states:::sns:publish.waitForTaskToken', { Parameters: { Message: 'm' } }),
    `${SCHEMA}Express state machine does not support '.waitForTaskToken' service integration  at /States/S/Resource`,
  ],
  [
    'a distributed Map',
    onlyState(mapOf({ ItemProcessor: distributed })),
    `${SCHEMA}The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/S/ItemProcessor/ProcessorConfig/Mode`,
  ],
];

describe.each(Object.entries({ transitions, names, tasks }))('the rules of %s', (_group, cases) => {
  for (const [name, definition, ...problems] of cases) {
    test(name, () => {
      expect(problemsOf(definition)).toEqual(problems);
    });
  }
});

describe('an Express machine', () => {
  for (const [name, definition, ...problems] of express) {
    test(`may not have ${name}`, () => {
      expect(problemsOf(definition, 'EXPRESS')).toEqual(problems);
      expect(problemsOf(definition, 'STANDARD')).toEqual([]);
    });
  }

  test('is what a distributed Map may run its items as', () => {
    const child = machine(
      {
        Wait: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution.sync',
          Parameters: { StateMachineArn: 'a' },
          End: true,
        },
      },
      { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } },
    );
    expect(problemsOf(onlyState(mapOf({ ItemProcessor: child })))).toEqual([
      `${SCHEMA}Express state machine does not support '.sync' service integration at /States/S/ItemProcessor/States/Wait/Resource`,
    ]);
  });
});
