/** A test that cannot be run as it was asked for: the state, the mock or the settings do not go together. */
export class TestRefused extends Error {
  /** What is at fault: the definition, or another member of the request. */
  readonly fault: 'definition' | 'request';

  constructor(message: string, fault: 'definition' | 'request' = 'request') {
    super(message);
    this.fault = fault;
  }
}

/** Why tests are refused, in AWS's words where they are known. */
export const REFUSAL = {
  stateNotFound: () => new TestRefused('State not found in definition'),
  roleRequired: () => new TestRefused('RoleArn must be specified when testing a Task state'),
  variables: () => new TestRefused('Variables must be a valid JSON object'),
  // Without a mock.
  scopesNeedMock: () =>
    new TestRefused(
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
      'definition',
    ),
  activityNeedsMock: () => new TestRefused('TestState API does not support Activity tasks.', 'definition'),
  patternNeedsMock: () =>
    new TestRefused(
      "TestState API does not support '.sync' or '.waitForTaskToken' integration patterns.",
      'definition',
    ),
  needsMock: (member: string) => new TestRefused(`TestState does not support ${member} when a mock is not specified.`),
  // With a mock.
  noMockFor: (type: string) => new TestRefused(`State type '${type}' is not supported when a mock is specified`),
  secretsAndMock: () => new TestRefused('TestState does not support RevealSecrets when a mock is specified.'),
  oneMock: () => new TestRefused('A test mock should have only one of the following fields: [result, errorOutput].'),
  resultNotJson: () => new TestRefused('Mocked result must be valid JSON'),
  resultNotArray: () => new TestRefused('Mocked result must be an array.'),
  resultNotObject: () => new TestRefused('Mocked result must be a JSON object.'),
  branchCount: () =>
    new TestRefused('Mocked result must contain the same number of items as number of Parallel branches.'),
  response: (fault: string) => new TestRefused(`Mock result schema validation error: ${fault}`),
  context: (fault: string) => new TestRefused(`Invalid Context object provided: ${fault}`),
  // Of the state's configuration.
  onlyFor: (member: string, types: string) => new TestRefused(`${member} is only supported for ${types} states`),
  causeNotInside: (name: string) =>
    new TestRefused(`ErrorCausedByState '${name}' is not a state inside the tested state`),
  tooManyFailures: () =>
    new TestRefused('Map iteration failure count must be less than or equal to the number of Map iterations'),
  readerDataRequired: () =>
    new TestRefused('ItemReader data must be specified when testing a Map state with ItemReader specified.'),
  readerData: (fault: string) => new TestRefused(`MapItemReaderData cannot be read: ${fault}`),
} as const;
