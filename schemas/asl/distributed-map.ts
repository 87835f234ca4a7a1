import {
  anything,
  closed,
  type Fields,
  integer,
  KEYWORDS,
  type Language,
  listOf,
  literalOrExpression,
  oneOf,
  only,
  type Schema,
  text,
  when,
} from './schema.ts';

const s3 = (...operations: readonly string[]): Schema => ({
  type: 'string',
  pattern: `^arn:[^:]+:states:[^:]*:[^:]*:s3:(?:${operations.join('|')})$`,
});

const request = (language: Language): Fields => ({
  ...only('JSONPath', language, { Parameters: anything }),
  ...only('JSONata', language, { Arguments: anything }),
});

const isSet = (field: string, value: string): Schema => ({
  type: 'object',
  properties: { [field]: { const: value } },
  required: [field],
});

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
const readerConfig = (language: Language): Schema =>
  closed(
    {
      InputType: oneOf('CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST'),
      ManifestType: oneOf('ATHENA_DATA', 'S3_INVENTORY'),
      Transformation: oneOf('NONE', 'LOAD_AND_FLATTEN'),
      CSVDelimiter: oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'),
      CSVHeaderLocation: oneOf('FIRST_ROW', 'GIVEN'),
      CSVHeaders: listOf(text),
      ItemsPointer: text,
      MaxItems: literalOrExpression(language, integer(0, 100_000_000)),
      ...only('JSONPath', language, { MaxItemsPath: text }),
    },
    {
      [KEYWORDS.atMostOneOf]: ['MaxItems', 'MaxItemsPath'],
      allOf: [
        when(isSet('InputType', 'CSV'), { type: 'object', [KEYWORDS.needs]: ['CSVHeaderLocation'] }),
        when(isSet('InputType', 'JSON'), {
          type: 'object',
          properties: { CSVHeaderLocation: false, CSVHeaders: false, CSVDelimiter: false },
        }),
        when(isSet('CSVHeaderLocation', 'GIVEN'), { type: 'object', required: ['CSVHeaders'] }),
      ],
    },
  );

const itemReader = (language: Language): Schema =>
  closed(
    { Resource: s3('getObject', 'listObjectsV2'), ReaderConfig: readerConfig(language), ...request(language) },
    { required: ['Resource'] },
  );

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html */
const itemBatcher = (language: Language): Schema =>
  closed(
    {
      BatchInput: anything,
      MaxItemsPerBatch: literalOrExpression(language, integer(0)),
      MaxInputBytesPerBatch: literalOrExpression(language, integer(0, 262_144)),
      ...only('JSONPath', language, { MaxItemsPerBatchPath: text, MaxInputBytesPerBatchPath: text }),
    },
    {
      allOf: [
        { [KEYWORDS.atMostOneOf]: ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'] },
        { [KEYWORDS.atMostOneOf]: ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'] },
      ],
    },
  );

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
const resultWriter = (language: Language): Schema =>
  closed(
    {
      Resource: s3('putObject'),
      WriterConfig: closed(
        { Transformation: oneOf('NONE', 'COMPACT', 'FLATTEN'), OutputType: oneOf('JSON', 'JSONL') },
        { required: ['Transformation', 'OutputType'] },
      ),
      ...request(language),
    },
    {
      minProperties: 1,
      ...when(
        { type: 'object', required: ['Resource'] },
        { type: 'object', required: [language === 'JSONPath' ? 'Parameters' : 'Arguments'] },
      ),
    },
  );

/** Members of a Map state that serve its distributed mode. */
export const distributed = (language: Language): Fields => ({
  Label: text,
  ItemReader: itemReader(language),
  ItemBatcher: itemBatcher(language),
  ResultWriter: resultWriter(language),
  ToleratedFailureCount: literalOrExpression(language, integer(0)),
  ToleratedFailurePercentage: literalOrExpression(language, { type: 'number', minimum: 0, maximum: 100 }),
  ...only('JSONPath', language, { ToleratedFailureCountPath: text, ToleratedFailurePercentagePath: text }),
});
