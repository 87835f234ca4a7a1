import { describe, expect, test } from 'vitest';
import type { Operation } from '../../api/operation.ts';
import { OPERATIONS } from '../../api/operations/index.ts';
import { awsOperation, awsOperations } from '../../scripts/reference/aws-members.ts';
import { membersOf } from '../../scripts/reference/shape.ts';

/** The operations have the members of the newest AWS SDK: it tells them in the schemas that it is made of. */

/** What AWS tells and we do not. */
const NOT_TOLD: Readonly<Record<string, RegExp>> = {
  // The ARN of a Map state is no ARN of a state machine here.
  DescribeStateMachine: /^label$/,
  // What an HTTP Task sends and gets.
  TestState: /^inspectionData\.(request|response)\b/,
  // Events are told as they are kept: the types of schemas/history.ts.
  GetExecutionHistory: /^events\[\]\./,
};

const operations: readonly Operation[] = OPERATIONS;

test('the SDK knows these operations and no others', () => {
  expect(operations.map(({ name }) => name).sort()).toEqual(awsOperations());
});

describe.each(operations)('$name', ({ name, input, output }) => {
  const aws = awsOperation(name);

  test('reads all members, and wants those that AWS wants', () => {
    const ours = membersOf(input).map(({ name: member, isRequired }) => ({ name: member, isRequired }));
    // The models of the SDK let tags have no key; the service does not.
    const wanted = aws.input.map((member) => (member.name === 'tags[].key' ? { ...member, isRequired: true } : member));
    expect(sorted(ours)).toEqual(sorted(wanted));
  });

  test('tells all members', () => {
    const ours = membersOf(output).map((member) => member.name);
    const wanted = aws.output.map((member) => member.name).filter((member) => !NOT_TOLD[name]?.test(member));
    expect(ours.sort()).toEqual(wanted.sort());
  });
});

const sorted = <M extends { readonly name: string }>(members: readonly M[]): M[] =>
  [...members].sort((one, other) => (one.name < other.name ? -1 : 1));
