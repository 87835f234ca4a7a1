import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../schemas/json.ts';
import { invoke, machine, mapOf, onlyState, problemsOf, withState } from './machines.ts';

/** A definition, and what is wrong with it without the code, which is always SCHEMA_VALIDATION_FAILED. */
type Case = readonly [name: string, definition: JsonObject, ...problems: string[]];

const wrongLanguage = (name: string, language: string, other: string): string =>
  `The QueryLanguage is set to '${language}', but field '${name}' is only supported for the '${other}' QueryLanguage`;

const top: readonly Case[] = [
  ['nothing at all', {}, 'These fields are required: [States, StartAt] at /'],
  ['no StartAt', { States: { A: { Type: 'Succeed' } } }, 'These fields are required: [StartAt] at /'],
  ['no States', { StartAt: 'A' }, 'These fields are required: [States] at /'],
  ['a field that is none', onlyState({ Type: 'Succeed' }, { Colour: 'red' }), "Field 'Colour' is not supported at /"],
  [
    'another version',
    onlyState({ Type: 'Succeed' }, { Version: '2.0' }),
    'Value should be one of the following: [1.0] at /Version',
  ],
  [
    'a language in lower case',
    onlyState({ Type: 'Succeed' }, { QueryLanguage: 'jsonata' }),
    'Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage',
  ],
  [
    'a language that is a number',
    onlyState({ Type: 'Succeed' }, { QueryLanguage: 5 }),
    'Expected value of type [STRING] at /QueryLanguage',
    'Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage',
  ],
  [
    'a timeout as text',
    onlyState({ Type: 'Succeed' }, { TimeoutSeconds: '60' }),
    'Expected value of type Integer at /TimeoutSeconds',
  ],
  [
    'a timeout below zero',
    onlyState({ Type: 'Succeed' }, { TimeoutSeconds: -1 }),
    'Minimum value is 0 at /TimeoutSeconds',
  ],
  ['states in a list', { StartAt: 'A', States: [] }, 'Expected value of type [OBJECT] at /States'],
];

const states: readonly Case[] = [
  ['a state that is a text', machine({ A: 'Pass' }), 'Expected value of type [OBJECT] at /States/A'],
  ['no Type', machine({ A: { End: true } }), 'These fields are required: [Type] at /States/A'],
  [
    'a Type that does not exist',
    machine({ A: { Type: 'pass', End: true } }),
    "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
  ],
  [
    'neither Next nor End',
    onlyState({ Type: 'Pass' }),
    'This object should have only one of the following fields: [Next, End] at /States/S',
  ],
  [
    'End that is false',
    onlyState({ Type: 'Pass', End: false }),
    'This object should have only one of the following fields: [Next, End] at /States/S',
  ],
  [
    'both Next and End',
    withState({ Type: 'Pass', Next: 'Done', End: true }),
    'There should only be one of the following fields: [Next, End] at /States/S',
  ],
  ['Next on Succeed', machine({ S: { Type: 'Succeed', Next: 'S' } }), "Field 'Next' is not supported at /States/S"],
  ['End on Fail', machine({ S: { Type: 'Fail', End: true } }), "Field 'End' is not supported at /States/S"],
  ['Retry on Pass', onlyState({ Type: 'Pass', End: true, Retry: [] }), "Field 'Retry' is not supported at /States/S"],
  [
    'Catch on Wait',
    onlyState({ Type: 'Wait', Seconds: 1, End: true, Catch: [] }),
    "Field 'Catch' is not supported at /States/S",
  ],
  [
    'TimeoutSeconds on Map',
    onlyState(mapOf({ TimeoutSeconds: 5 })),
    "Field 'TimeoutSeconds' is not supported at /States/S",
  ],
  [
    'ResultPath on Wait',
    onlyState({ Type: 'Wait', Seconds: 1, ResultPath: null, End: true }),
    "Field 'ResultPath' is not supported at /States/S",
  ],
  [
    'an InputPath that is a number',
    onlyState({ Type: 'Pass', InputPath: 1, End: true }),
    'Expected value of type [STRING] at /States/S/InputPath',
  ],
  [
    'Assign that is no object',
    onlyState({ Type: 'Pass', Assign: 'x', End: true }),
    'Expected value of type [OBJECT] at /States/S/Assign',
  ],
  [
    'Wait for nothing',
    onlyState({ Type: 'Wait', End: true }),
    'This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S',
  ],
  [
    'Wait for two things',
    onlyState({ Type: 'Wait', Seconds: 1, SecondsPath: '$.s', End: true }),
    'There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S',
  ],
  [
    'Wait for a text',
    onlyState({ Type: 'Wait', Seconds: '5', End: true }),
    'Expected value of type Integer at /States/S/Seconds',
  ],
  [
    'Wait for half a second',
    onlyState({ Type: 'Wait', Seconds: 0.5, End: true }),
    'Expected value of type Integer at /States/S/Seconds',
  ],
  ['Wait backwards', onlyState({ Type: 'Wait', Seconds: -5, End: true }), 'Minimum value is 0 at /States/S/Seconds'],
  [
    'Wait for ever',
    onlyState({ Type: 'Wait', Seconds: 1e16, End: true }),
    'Maximum value is 99999999 at /States/S/Seconds',
  ],
  [
    'Wait until no time',
    onlyState({ Type: 'Wait', Timestamp: '2016-13-05T21:29:29Z', End: true }),
    'String does not match RFC3339 timestamp at /States/S/Timestamp',
  ],
  [
    'an expression in JSONPath',
    onlyState({ Type: 'Wait', Timestamp: "{% '2016-03-14T01:59:00Z' %}", End: true }),
    'String does not match RFC3339 timestamp at /States/S/Timestamp',
  ],
  [
    'Error and ErrorPath',
    onlyState({ Type: 'Fail', Error: 'E', ErrorPath: '$.e' }),
    'There should only be one of the following fields: [Error, ErrorPath] at /States/S',
  ],
];

const tasks: readonly Case[] = [
  ['no Resource', onlyState({ Type: 'Task', End: true }), 'These fields are required: [Resource] at /States/S'],
  [
    'two timeouts',
    onlyState({ ...invoke, TimeoutSeconds: 3, TimeoutSecondsPath: '$.t', End: true }),
    'There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/S',
  ],
  [
    'a timeout of 0',
    onlyState({ ...invoke, TimeoutSeconds: 0, End: true }),
    'Minimum value is 1 at /States/S/TimeoutSeconds',
  ],
  [
    'credentials of nobody',
    onlyState({ ...invoke, Credentials: { Role: 'r' }, End: true }),
    "The field 'RoleArn' is required but was missing at /States/S/Credentials",
  ],
  [
    'a retrier for nothing',
    onlyState({ ...invoke, Retry: [{ ErrorEquals: [] }], End: true }),
    'Value cannot be empty at /States/S/Retry[0]/ErrorEquals',
  ],
  [
    'a retrier without ErrorEquals',
    onlyState({ ...invoke, Retry: [{ MaxAttempts: 1 }], End: true }),
    'These fields are required: [ErrorEquals] at /States/S/Retry[0]',
  ],
  [
    'numbers of a retrier',
    onlyState({
      ...invoke,
      End: true,
      Retry: [{ ErrorEquals: ['E'], MaxDelaySeconds: 31_622_401, BackoffRate: 0.5, MaxAttempts: -1 }],
    }),
    'Minimum value is 0 at /States/S/Retry[0]/MaxAttempts',
    'Minimum value is 1.0 at /States/S/Retry[0]/BackoffRate',
    'Maximum value is 31622400 at /States/S/Retry[0]/MaxDelaySeconds',
  ],
  [
    'jitter in lower case',
    onlyState({ ...invoke, End: true, Retry: [{ ErrorEquals: ['E'], JitterStrategy: 'full' }] }),
    'Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy',
  ],
  [
    'a catcher that leads nowhere',
    onlyState({ ...invoke, End: true, Catch: [{}] }),
    'These fields are required: [ErrorEquals, Next] at /States/S/Catch[0]',
  ],
  [
    'an error that is a number',
    withState({ ...invoke, End: true, Catch: [{ ErrorEquals: ['E', 1], Next: 'Done' }] }),
    'Expected value of type [STRING] at /States/S/Catch[0]/ErrorEquals[1]',
  ],
];

const rule = (more: JsonObject): JsonObject => withState({ Type: 'Choice', Choices: [{ Next: 'Done', ...more }] });
const choices: readonly Case[] = [
  ['no choices', onlyState({ Type: 'Choice' }), 'These fields are required: [Choices] at /States/S'],
  ['an empty list', onlyState({ Type: 'Choice', Choices: [] }), 'Value cannot be empty at /States/S/Choices'],
  [
    'a rule that is a text',
    onlyState({ Type: 'Choice', Choices: ['yes'] }),
    'Expected value of type [OBJECT] at /States/S/Choices[0]',
  ],
  [
    'a rule that tests nothing',
    rule({}),
    'The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/S/Choices[0]',
  ],
  [
    'a rule with End',
    onlyState({ Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, End: true }] }),
    'These fields are required: [Next] at /States/S/Choices[0]',
    "Field 'End' is not supported at /States/S/Choices[0]",
  ],
  [
    'a number as text',
    rule({ Variable: '$.n', NumericEquals: '5' }),
    'Expected value of type [NUMBER] at /States/S/Choices[0]/NumericEquals',
  ],
  [
    'a time that is none',
    rule({ Variable: '$.t', TimestampLessThan: 'noon' }),
    'String does not match RFC3339 timestamp at /States/S/Choices[0]/TimestampLessThan',
  ],
  [
    'Next inside And',
    rule({
      And: [
        { Variable: '$', IsNull: true },
        { Variable: '$', IsNull: true, Next: 'Done' },
      ],
    }),
    "Field 'Next' is not supported at /States/S/Choices[0]/And[1]",
  ],
  [
    'nothing inside Not',
    rule({ Not: {} }),
    'The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/S/Choices[0]/Not',
  ],
  ['nothing inside Or', rule({ Or: [] }), 'Value cannot be empty at /States/S/Choices[0]/Or'],
  [
    'an expression',
    rule({ Condition: '{% true %}' }),
    `${wrongLanguage('Condition', 'JSONPath', 'JSONata')} at /States/S/Choices[0]`,
  ],
];

const groups = { top, states, tasks, choices };

describe.each(Object.entries(groups))('the shape of %s', (_group, cases) => {
  for (const [name, definition, ...problems] of cases) {
    test(name, () => {
      expect(problemsOf(definition)).toEqual(problems.map((problem) => `SCHEMA_VALIDATION_FAILED: ${problem}`));
    });
  }
});
