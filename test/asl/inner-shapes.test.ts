import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../schemas/json.ts';
import { distributed, inner, invoke, jsonata, machine, mapOf, onlyState, problemsOf, withState } from './machines.ts';

/** A definition, and what is wrong with it without the code, which is always SCHEMA_VALIDATION_FAILED. */
type Case = readonly [name: string, definition: JsonObject, ...problems: string[]];

const wrongLanguage = (name: string, language: string, other: string): string =>
  `The QueryLanguage is set to '${language}', but field '${name}' is only supported for the '${other}' QueryLanguage`;

const scopes: readonly Case[] = [
  ['no branches', onlyState({ Type: 'Parallel', End: true }), 'These fields are required: [Branches] at /States/S'],
  [
    'an empty list of branches',
    onlyState({ Type: 'Parallel', Branches: [], End: true }),
    'Value cannot be empty at /States/S/Branches',
  ],
  [
    'a branch that is a list',
    onlyState({ Type: 'Parallel', Branches: [[]], End: true }),
    'Expected value of type [OBJECT] at /States/S/Branches[0]',
  ],
  [
    'a branch without states',
    onlyState({ Type: 'Parallel', Branches: [inner, {}], End: true }),
    'These fields are required: [States, StartAt] at /States/S/Branches[1]',
  ],
  [
    'a branch with a language',
    onlyState({ Type: 'Parallel', Branches: [{ ...inner, QueryLanguage: 'JSONata' }], End: true }),
    "Field 'QueryLanguage' is not supported at /States/S/Branches[0]",
  ],
  [
    'no processor',
    onlyState({ Type: 'Map', End: true }),
    'This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/S',
  ],
  [
    'two processors',
    onlyState(mapOf({ Iterator: machine({ Other: { Type: 'Succeed' } }) })),
    'There should only be one of the following fields: [ItemProcessor, Iterator] at /States/S',
  ],
  [
    'a fault deep inside',
    onlyState({
      Type: 'Parallel',
      End: true,
      Branches: [inner, onlyState(mapOf({ Iterator: onlyState({ Type: 'Pass' }), ItemProcessor: inner }))],
    }),
    'There should only be one of the following fields: [ItemProcessor, Iterator] at /States/S/Branches[1]/States/S',
    'This object should have only one of the following fields: [Next, End] at /States/S/Branches[1]/States/S/Iterator/States/S',
  ],
  [
    'two sources of items',
    onlyState(mapOf({ Parameters: {}, ItemSelector: {} })),
    'There should only be one of the following fields: [ItemSelector, Parameters] at /States/S',
  ],
  ['ItemsPath null', onlyState(mapOf({ ItemsPath: null })), 'Expected value of type [STRING] at /States/S/ItemsPath'],
];

const mapWith = (more: JsonObject): JsonObject => onlyState(mapOf({ ItemProcessor: distributed, ...more }));
const reader = (config: JsonObject): JsonObject =>
  mapWith({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: config } });
const distributedMaps: readonly Case[] = [
  [
    'no execution type',
    onlyState(mapOf({ ItemProcessor: { ...inner, ProcessorConfig: { Mode: 'DISTRIBUTED' } } })),
    'These fields are required: [ExecutionType] at /States/S/ItemProcessor/ProcessorConfig',
  ],
  [
    'an execution type of an inline Map',
    onlyState(mapOf({ ItemProcessor: { ...inner, ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'EXPRESS' } } })),
    "Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig",
  ],
  [
    'another reader',
    mapWith({ ItemReader: { Resource: 'arn:aws:states:::dynamodb:scan' } }),
    "The field 'Resource' does not match any of the allowed values at /States/S/ItemReader/Resource",
  ],
  [
    'an input type that is none',
    reader({ InputType: 'XML' }),
    'Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST] at /States/S/ItemReader/ReaderConfig/InputType',
  ],
  [
    'CSV without headers',
    reader({ InputType: 'CSV' }),
    "The field 'CSVHeaderLocation' is required but was missing at /States/S/ItemReader/ReaderConfig",
  ],
  [
    'JSON with headers',
    reader({ InputType: 'JSON', CSVHeaderLocation: 'FIRST_ROW' }),
    "Field 'CSVHeaderLocation' is not supported at /States/S/ItemReader/ReaderConfig",
  ],
  [
    'headers given and missing',
    reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }),
    'These fields are required: [CSVHeaders] at /States/S/ItemReader/ReaderConfig',
  ],
  [
    'two limits',
    reader({ InputType: 'JSON', MaxItems: 5, MaxItemsPath: '$.n' }),
    'There should only be one of the following fields: [MaxItems, MaxItemsPath] at /States/S/ItemReader/ReaderConfig',
  ],
  [
    'a limit below zero',
    reader({ InputType: 'JSON', MaxItems: -1 }),
    'Minimum value is 0 at /States/S/ItemReader/ReaderConfig/MaxItems',
  ],
  [
    'two batch sizes',
    mapWith({ ItemBatcher: { MaxInputBytesPerBatch: 5, MaxInputBytesPerBatchPath: '$.n' } }),
    'There should only be one of the following fields: [MaxInputBytesPerBatch, MaxInputBytesPerBatchPath] at /States/S/ItemBatcher',
  ],
  [
    'more than all may fail',
    mapWith({ ToleratedFailurePercentage: 101 }),
    'Maximum value is 100.0 at /States/S/ToleratedFailurePercentage',
  ],
  ['a writer of nothing', mapWith({ ResultWriter: {} }), 'Value cannot be empty at /States/S/ResultWriter'],
  [
    'a writer without a bucket',
    mapWith({ ResultWriter: { Resource: 'arn:aws:states:::s3:putObject' } }),
    'These fields are required: [Parameters] at /States/S/ResultWriter',
  ],
  [
    'half a writer configuration',
    mapWith({ ResultWriter: { WriterConfig: { OutputType: 'JSON' } } }),
    'These fields are required: [Transformation] at /States/S/ResultWriter/WriterConfig',
  ],
];

const languages: readonly Case[] = [
  [
    'JSONPath fields in JSONata',
    onlyState({ Type: 'Pass', ResultPath: '$.c', InputPath: '$.a', End: true }, jsonata),
    `${wrongLanguage('ResultPath', 'JSONata', 'JSONPath')} at /States/S`,
    `${wrongLanguage('InputPath', 'JSONata', 'JSONPath')} at /States/S`,
  ],
  [
    'JSONata fields in JSONPath',
    onlyState({ ...invoke, Arguments: {}, End: true }),
    `${wrongLanguage('Arguments', 'JSONPath', 'JSONata')} at /States/S`,
  ],
  [
    'a nested field of the other language',
    onlyState(mapOf({ ItemBatcher: { MaxItemsPerBatchPath: '$.n' } }), jsonata),
    `${wrongLanguage('MaxItemsPerBatchPath', 'JSONata', 'JSONPath')} at /States/S/ItemBatcher`,
  ],
  [
    'a catcher in the other language',
    withState({ ...invoke, Catch: [{ ErrorEquals: ['E'], Next: 'Done', Output: 1 }], End: true }),
    `${wrongLanguage('Output', 'JSONPath', 'JSONata')} at /States/S/Catch[0]`,
  ],
  [
    'a comparison in JSONata',
    withState({ Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'Done' }] }, jsonata),
    `${wrongLanguage('Variable', 'JSONata', 'JSONPath')} at /States/S/Choices[0]`,
    `${wrongLanguage('IsNull', 'JSONata', 'JSONPath')} at /States/S/Choices[0]`,
  ],
  [
    'JSONPath inside a JSONata machine, and nothing of its fields',
    onlyState({ Type: 'Pass', QueryLanguage: 'JSONPath', Output: 1, End: true }, jsonata),
    "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S",
  ],
  [
    'states inside a JSONata Map are in the language of the machine',
    onlyState(mapOf({ QueryLanguage: 'JSONata', ItemProcessor: onlyState({ Type: 'Pass', Output: 1, End: true }) })),
    `${wrongLanguage('Output', 'JSONPath', 'JSONata')} at /States/S/ItemProcessor/States/S`,
  ],
  [
    'any other language is JSONata',
    onlyState({ Type: 'Pass', QueryLanguage: 'jq', InputPath: '$', End: true }),
    `${wrongLanguage('InputPath', 'JSONata', 'JSONPath')} at /States/S`,
    'Value should be one of the following: [JSONPath, JSONata] at /States/S/QueryLanguage',
  ],
  [
    'an unfinished expression',
    onlyState({ Type: 'Wait', Seconds: '{% 5', End: true }, jsonata),
    'JSONata string must start with {% and end with %} at /States/S/Seconds',
  ],
  [
    'a number out of range in JSONata',
    onlyState({ Type: 'Wait', Seconds: -5, End: true }, jsonata),
    'Minimum value is 0 at /States/S/Seconds',
  ],
];

const groups = { scopes, distributedMaps, languages };

describe.each(Object.entries(groups))('the shape of %s', (_group, cases) => {
  for (const [name, definition, ...problems] of cases) {
    test(name, () => {
      expect(problemsOf(definition)).toEqual(problems.map((problem) => `SCHEMA_VALIDATION_FAILED: ${problem}`));
    });
  }
});
