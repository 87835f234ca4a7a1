/** Every exception of the API: its HTTP status and its wording. What a handler may reject with is a name of this table. */

interface ErrorKind {
  readonly status: number;
  message(...about: (string | undefined)[]): string;
  /** What it has besides its message, made of the same. */
  members?(...about: (string | undefined)[]): Readonly<Record<string, string | undefined>>;
}

const quoting = (words: string) => (what: string) => `${words}: '${what}'`;
const asIs = (text: string): string => text;

/** Why a request is not valid, for those that AWS has a name for. */
export type ValidationReason =
  | 'API_DOES_NOT_SUPPORT_LABELED_ARNS'
  | 'CANNOT_UPDATE_COMPLETED_MAP_RUN'
  | 'INVALID_ROUTING_CONFIGURATION'
  | 'MISSING_REQUIRED_PARAMETER';

/** As IAM words it. */
const denied = (user: string, action: string, resource: string): string =>
  `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** AWS's SDKs know these names; the texts are those that AWS answers, where known. */
export const ERRORS = {
  ActivityAlreadyExists: { status: 400, message: quoting('Activity Already Exists') },
  ActivityDoesNotExist: { status: 400, message: quoting('Activity Does Not Exist') },
  ActivityLimitExceeded: { status: 400, message: asIs },
  ActivityWorkerLimitExceeded: { status: 400, message: quoting('Activity Worker Limit Exceeded') },
  ConflictException: { status: 409, message: asIs },
  ExecutionAlreadyExists: { status: 400, message: quoting('Execution Already Exists') },
  ExecutionDoesNotExist: { status: 400, message: quoting('Execution Does Not Exist') },
  ExecutionLimitExceeded: { status: 400, message: asIs },
  ExecutionNotRedrivable: {
    status: 400,
    message: (arn: string, why: string) => `Execution ${arn} invalid for redrive as: ${why}`,
  },
  InvalidArn: { status: 400, message: quoting('Invalid Arn') },
  InvalidDefinition: { status: 400, message: quoting('Invalid State Machine Definition') },
  InvalidEncryptionConfiguration: { status: 400, message: (why: string) => `Invalid Encryption Configuration: ${why}` },
  InvalidExecutionInput: { status: 400, message: quoting('Invalid State Machine Execution Input') },
  InvalidLoggingConfiguration: { status: 400, message: (why: string) => `Invalid Logging Configuration: ${why}` },
  InvalidName: { status: 400, message: quoting('Invalid Name') },
  InvalidOutput: { status: 400, message: quoting('Invalid Output') },
  InvalidToken: { status: 400, message: () => `Invalid Token: 'Invalid token'` },
  InvalidTracingConfiguration: { status: 400, message: (why: string) => `Invalid Tracing Configuration: ${why}` },
  KmsAccessDeniedException: { status: 400, message: asIs },
  KmsInvalidStateException: { status: 400, message: asIs },
  KmsThrottlingException: { status: 400, message: asIs },
  MissingRequiredParameter: { status: 400, message: asIs },
  ResourceNotFound: {
    status: 404,
    message: (resource?: string) =>
      resource === undefined
        ? 'Request references a resource that does not exist.'
        : `Resource not found: '${resource}'`,
    members: (resourceName?: string) => ({ resourceName }),
  },
  ServiceQuotaExceededException: { status: 402, message: asIs },
  StateMachineAlreadyExists: { status: 400, message: quoting('State Machine Already Exists') },
  StateMachineDeleting: { status: 400, message: quoting('State Machine Deleting') },
  StateMachineDoesNotExist: { status: 400, message: quoting('State Machine Does Not Exist') },
  StateMachineLimitExceeded: { status: 400, message: asIs },
  StateMachineTypeNotSupported: {
    status: 400,
    message: () => 'This operation is not supported by this type of state machine',
  },
  TaskDoesNotExist: { status: 400, message: () => `Task Does Not Exist: 'Provided task does not exist'` },
  TaskTimedOut: { status: 400, message: () => `Task Timed Out: 'Provided task does not exist anymore'` },
  TooManyTags: { status: 400, message: quoting('Too Many Tags') },
  // Errors of every operation.
  AccessDeniedException: { status: 400, message: denied },
  IncompleteSignatureException: { status: 400, message: asIs },
  InternalFailure: { status: 500, message: () => 'The request failed because of an internal error.' },
  InvalidSignatureException: { status: 400, message: (why: string = MISMATCH) => why },
  MalformedHttpRequestException: { status: 400, message: asIs },
  MissingAuthenticationTokenException: { status: 400, message: () => 'Missing Authentication Token' },
  RequestEntityTooLargeException: { status: 413, message: asIs },
  RequestTimeoutException: { status: 408, message: asIs },
  SerializationException: { status: 400, message: asIs },
  ServiceUnavailable: { status: 503, message: asIs },
  ThrottlingException: { status: 400, message: () => 'Rate exceeded' },
  UnknownOperationException: { status: 400, message: asIs },
  UnrecognizedClientException: {
    status: 400,
    message: () => 'The security token included in the request is invalid.',
  },
  ValidationException: {
    status: 400,
    message: (text: string, _reason?: ValidationReason) => text,
    members: (_text: string, reason?: ValidationReason) => ({ reason }),
  },
} satisfies Record<string, ErrorKind>;

export type ErrorName = keyof typeof ERRORS;

/** What the wording of an error is made of. */
export type About<N extends ErrorName> = Parameters<(typeof ERRORS)[N]['message']>;

/** An error that the client is told. Anything else that is thrown is a bug or an outage, and is not told. */
export class ApiError extends Error {
  readonly type: ErrorName;
  readonly status: number;
  /** Further members of its body. */
  readonly members: Readonly<Record<string, string | undefined>>;
  /** When it is worth asking again, in seconds, where that is known. */
  retryAfterS: number | undefined;

  constructor(
    type: ErrorName,
    message: string,
    status: number = ERRORS[type].status,
    members: ApiError['members'] = {},
  ) {
    super(message);
    this.type = type;
    this.status = status;
    this.members = members;
  }
}

/** The error of that name in its own words. */
export function apiError<N extends ErrorName>(name: N, ...about: About<N>): ApiError {
  const kind: ErrorKind = ERRORS[name];
  return new ApiError(name, kind.message(...about), kind.status, kind.members?.(...about));
}

/** Errors of the JSON protocol itself, whose message AWS writes with a capital. */
const CAPITAL: ReadonlySet<ErrorName> = new Set(['SerializationException', 'UnknownOperationException']);

/** The body of an error's answer. */
export function errorBody(error: ApiError): string {
  const message = CAPITAL.has(error.type) ? 'Message' : 'message';
  return JSON.stringify({ __type: error.type, [message]: error.message, ...error.members });
}
