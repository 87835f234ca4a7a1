import { ERRORS, type ErrorName } from '../../api/errors.ts';
import type { Operation } from '../../api/operation.ts';
import { OPERATIONS } from '../../api/operations/index.ts';
import { type AwsMember, awsOperation } from './aws-members.ts';
import { code, codes, page, table } from './markdown.ts';
import { type Member, membersOf, type Shape } from './shape.ts';

const ABOUT = `AWS JSON 1.0, as the AWS CLI and SDKs speak it: ${code('POST /')} with ${code('X-Amz-Target: AWSStepFunctions.<Operation>')} and a JSON
object as body, at most 8 MiB. Timestamps are numbers: seconds since 1970, with a fraction. Unknown members are ignored, and a
member that is ${code('null')} counts as absent. Any other operation answers ${code('UnknownOperationException')}.`;

const ERRORS_ABOUT = `An error is ${code('{"__type": name, "message": text}')}, its name in the header ${code('x-amzn-errortype')} as well. (As on
AWS it is ${code('Message')} in a ${code('SerializationException')} and an ${code('UnknownOperationException')}.) Where the text is given, ${code('…')}
stands for what it is about.`;

/** What any request may be answered with. */
const COMMON: readonly ErrorName[] = [
  'AccessDeniedException',
  'IncompleteSignatureException',
  'InternalFailure',
  'InvalidSignatureException',
  'MalformedHttpRequestException',
  'MissingAuthenticationTokenException',
  'RequestEntityTooLargeException',
  'RequestTimeoutException',
  'SerializationException',
  'ServiceUnavailable',
  'ThrottlingException',
  'UnknownOperationException',
  'UnrecognizedClientException',
  'ValidationException',
];

export function apiPage(): string {
  const operations: readonly Operation[] = OPERATIONS;
  return page(
    'API',
    ABOUT,
    '## Coverage',
    COVERAGE_ABOUT,
    coverageTable(operations),
    ...operations.flatMap(operationParts),
    '## Errors',
    ERRORS_ABOUT,
    errorTable(operations),
  );
}

const COVERAGE_ABOUT = `Members of the newest AWS SDK for JavaScript that are read and told here, out of those that it knows. Events of a
history have all of its members.`;

function coverageTable(operations: readonly Operation[]): string {
  const rows = operations.map(({ name, input, output }) => {
    const aws = awsOperation(name);
    const read = compare(membersOf(input), aws.input);
    const told = compare(membersOf(output), aws.output);
    return [code(name), read.count, told.count, codes([...read.missing, ...told.missing])];
  });
  return table(['Operation', 'Input', 'Output', 'Not supported'], rows);
}

/** What is inside an event is told as AWS tells it, and is not listed. */
const inEvent = ({ name }: { readonly name: string }): boolean => name.startsWith('events[].');

function compare(ours: readonly Member[], aws: readonly AwsMember[]): { count: string; missing: string[] } {
  const known = new Set(ours.map(({ name }) => name));
  const wanted = aws.filter((member) => !inEvent(member));
  const missing = wanted.map(({ name }) => name).filter((name) => !known.has(name));
  // What is inside a member that is missing need not be named.
  const outermost = missing.filter((name) => !missing.includes(name.replace(/(\[\])?\.\w+$/, '')));
  return { count: `${wanted.length - missing.length} of ${wanted.length}`, missing: outermost };
}

function operationParts({ name, input, output, errors }: Operation): string[] {
  return [
    `## ${name}`,
    membersTable('Input', input) || 'No input.',
    membersTable('Output', output) || 'The output is empty.',
    errors.length > 0 ? `Errors: ${codes(errors)}.` : 'No errors of its own.',
  ];
}

function membersTable(title: string, schema: Shape): string {
  const rows = membersOf(schema).map(({ name, type, isRequired }) => [code(name), type, isRequired ? 'yes' : '']);
  return rows.length > 0 ? table([title, 'Type', title === 'Input' ? 'Required' : 'Always'], rows) : '';
}

function errorTable(operations: readonly Operation[]): string {
  const rows = Object.entries(ERRORS).flatMap(([name, kind]) => {
    const by = operations.filter(({ errors }) => errors.some((error) => error === name)).map((each) => each.name);
    const isCommon = COMMON.some((common) => common === name);
    if (by.length === 0 && !isCommon) return [];
    const words: { message(...about: (string | undefined)[]): string } = kind;
    const text = words.message('…', '…', '…');
    return [[code(name), String(kind.status), text === '…' ? '' : code(text), isCommon ? 'any' : codes(by)]];
  });
  return table(['Error', 'Status', 'Text', 'Operations'], rows);
}
