/**
 * What services answer, with the names that Step Functions gives the members. Only what a mock is likely to stand in for: the answers of
 * other actions are not checked. A member that may be anything (the Payload of a function) is left out.
 */
export type Shape =
  | {
      readonly type: 'string';
      readonly values?: readonly string[];
      readonly least?: number;
      readonly most?: number;
    }
  | { readonly type: 'number'; readonly least?: number; readonly most?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'list' | 'map'; readonly of: Shape }
  | {
      readonly type: 'structure';
      readonly members: Readonly<Record<string, Shape>>;
      readonly required: readonly string[];
    };

/** Texts, instants and bytes: Step Functions has all of them as strings. */
const text: Shape = { type: 'string' };
const number: Shape = { type: 'number' };
const boolean: Shape = { type: 'boolean' };
const length = (least: number, most: number): Shape => ({ type: 'string', least, most });
const between = (least: number, most: number): Shape => ({ type: 'number', least, most });
const atLeast = (least: number): Shape => ({ type: 'number', least });
const oneOf = (...values: readonly string[]): Shape => ({ type: 'string', values });
const list = (of: Shape): Shape => ({ type: 'list', of });
const map = (of: Shape): Shape => ({ type: 'map', of });
const structure = (members: Readonly<Record<string, Shape>>, ...required: readonly string[]): Shape => ({
  type: 'structure',
  members,
  required,
});

const all = (shape: Shape, ...names: readonly string[]): Record<string, Shape> =>
  Object.fromEntries(names.map((name) => [name, shape]));

// ------------------------------------------------------------------ dynamodb

/** What is in lists and maps is not looked at: it can be of any depth. */
const attribute = structure({
  ...all(text, 'S', 'N', 'B'),
  ...all(list(text), 'SS', 'NS', 'BS'),
  ...all(boolean, 'BOOL', 'NULL'),
  L: list(structure({})),
  M: map(structure({})),
});
const units = { ...all(number, 'ReadCapacityUnits', 'WriteCapacityUnits', 'CapacityUnits') };
const capacity = structure({
  TableName: length(1, 1024),
  ...units,
  Table: structure(units),
  ...all(map(structure(units)), 'LocalSecondaryIndexes', 'GlobalSecondaryIndexes'),
});
const written = structure({
  Attributes: map(attribute),
  ConsumedCapacity: capacity,
  ItemCollectionMetrics: structure({ ItemCollectionKey: map(attribute), SizeEstimateRangeGB: list(number) }),
});
const found = structure({
  Items: list(map(attribute)),
  ...all(number, 'Count', 'ScannedCount'),
  LastEvaluatedKey: map(attribute),
  ConsumedCapacity: capacity,
});

// ------------------------------------------------------------------ lambda

const functionConfiguration = structure({
  ...all(text, 'FunctionName', 'FunctionArn', 'Role', 'Handler', 'LastModified', 'CodeSha256', 'KMSKeyArn'),
  ...all(text, 'MasterArn', 'StateReason', 'LastUpdateStatusReason', 'RevisionId', 'SigningJobArn'),
  CodeSize: number,
  Description: length(0, 256),
  Timeout: atLeast(1),
  MemorySize: between(128, 10_240),
  Version: length(1, 1024),
  State: oneOf(
    'Pending',
    'Active',
    'Inactive',
    'Failed',
    'Deactivating',
    'Deactivated',
    'ActiveNonInvocable',
    'Deleting',
  ),
  LastUpdateStatus: oneOf('Successful', 'Failed', 'InProgress'),
  PackageType: oneOf('Zip', 'Image'),
  Architectures: list(oneOf('x86_64', 'arm64')),
  Environment: structure({ Variables: map(text) }),
  EphemeralStorage: structure({ Size: between(512, 10_240) }, 'Size'),
  TracingConfig: structure({ Mode: oneOf('Active', 'PassThrough') }),
  DeadLetterConfig: structure({ TargetArn: text }),
  VpcConfig: structure({ SubnetIds: list(text), SecurityGroupIds: list(text), VpcId: text }),
  Layers: list(structure({ Arn: length(1, 140), CodeSize: number })),
});

// ------------------------------------------------------------------ s3

const s3Object = structure({
  ...all(text, 'AcceptRanges', 'CacheControl', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage'),
  ...all(text, 'ContentRange', 'ContentType', 'ETag', 'Expiration', 'Expires', 'LastModified', 'Restore'),
  ...all(text, 'SSECustomerAlgorithm', 'SSECustomerKeyMD5', 'SSEKMSKeyId', 'VersionId', 'WebsiteRedirectLocation'),
  ...all(text, 'ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumSHA1', 'ChecksumSHA256', 'ObjectLockRetainUntilDate'),
  ...all(number, 'ContentLength', 'MissingMeta', 'PartsCount', 'TagCount', 'Size'),
  ...all(boolean, 'DeleteMarker', 'BucketKeyEnabled'),
  Metadata: map(text),
  ObjectLockMode: oneOf('GOVERNANCE', 'COMPLIANCE'),
  ObjectLockLegalHoldStatus: oneOf('ON', 'OFF'),
  ReplicationStatus: oneOf('COMPLETE', 'PENDING', 'FAILED', 'REPLICA', 'COMPLETED'),
  RequestCharged: oneOf('requester'),
  ServerSideEncryption: oneOf('AES256', 'aws:fsx', 'aws:kms', 'aws:kms:dsse'),
  StorageClass: oneOf(
    ...['STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER'],
    ...['DEEP_ARCHIVE', 'OUTPOSTS', 'GLACIER_IR', 'SNOW', 'EXPRESS_ONEZONE', 'FSX_OPENZFS', 'FSX_ONTAP'],
  ),
});

const encryptionAlgorithm = oneOf('SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE');

/** By service and action. https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html */
export const RESPONSES: Readonly<Record<string, Shape>> = {
  'batch:submitJob': structure(all(text, 'JobArn', 'JobName', 'JobId'), 'JobName', 'JobId'),
  'dynamodb:deleteItem': written,
  'dynamodb:getItem': structure({ Item: map(attribute), ConsumedCapacity: capacity }),
  'dynamodb:putItem': written,
  'dynamodb:query': found,
  'dynamodb:scan': found,
  'dynamodb:updateItem': written,
  'ecs:runTask': structure({
    Tasks: list(structure(all(text, 'TaskArn', 'ClusterArn', 'LastStatus', 'DesiredStatus', 'TaskDefinitionArn'))),
    Failures: list(structure(all(text, 'Arn', 'Reason', 'Detail'))),
  }),
  'events:putEvents': structure({
    FailedEntryCount: number,
    Entries: list(structure(all(text, 'EventId', 'ErrorCode', 'ErrorMessage'))),
  }),
  'glue:startJobRun': structure({ JobRunId: length(1, 255) }),
  'kms:decrypt': structure({
    KeyId: length(1, 2048),
    Plaintext: length(1, 4096),
    EncryptionAlgorithm: encryptionAlgorithm,
  }),
  'kms:encrypt': structure({
    CiphertextBlob: length(1, 6144),
    KeyId: length(1, 2048),
    EncryptionAlgorithm: encryptionAlgorithm,
  }),
  'lambda:getFunction': structure({
    Configuration: functionConfiguration,
    Code: structure(all(text, 'RepositoryType', 'Location', 'ImageUri', 'ResolvedImageUri', 'SourceKMSKeyArn')),
    Tags: map(text),
    Concurrency: structure({ ReservedConcurrentExecutions: atLeast(0) }),
  }),
  'lambda:getFunctionConfiguration': functionConfiguration,
  'lambda:invoke': structure({
    StatusCode: number,
    ...all(text, 'FunctionError', 'LogResult'),
    ExecutedVersion: length(1, 1024),
  }),
  's3:getObject': s3Object,
  's3:headObject': s3Object,
  's3:putObject': s3Object,
  'sns:publish': structure(all(text, 'MessageId', 'SequenceNumber')),
  'sqs:sendMessage': structure(
    all(
      text,
      'MD5OfMessageBody',
      'MD5OfMessageAttributes',
      'MD5OfMessageSystemAttributes',
      'MessageId',
      'SequenceNumber',
    ),
  ),
  'states:describeExecution': structure(
    {
      ...all(length(1, 256), 'ExecutionArn', 'StateMachineArn'),
      Name: length(1, 80),
      Status: oneOf('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'),
      ...all(text, 'StartDate', 'StopDate', 'RedriveDate', 'Error', 'Cause', 'TraceHeader'),
      RedriveCount: number,
    },
    ...['ExecutionArn', 'StateMachineArn', 'StartDate', 'Status'],
  ),
  'states:startExecution': structure(
    { ExecutionArn: length(1, 256), StartDate: text },
    ...['ExecutionArn', 'StartDate'],
  ),
};
