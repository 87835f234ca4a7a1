import Type from 'typebox';
import { type StateTest, TestRefused } from '../../engine/index.ts';
import { DefinitionError } from '../../schemas/problem.ts';
import { ApiError } from '../errors.ts';
import { inspectionData } from '../inspection-data.ts';
import { jsonComplaint } from '../json-text.ts';
import { type Context, operation } from '../operation.ts';
import { requireRole } from '../resources.ts';
import { CauseText, Definition, ErrorText, Name, oneOf, Payload, RoleArn } from '../shapes.ts';

const Count = Type.Integer({ minimum: 0 });
const Text = Type.Optional(Type.String());

const InspectionData = Type.Object({
  input: Text,
  afterArguments: Text,
  afterInputPath: Text,
  afterParameters: Text,
  result: Text,
  afterResultSelector: Text,
  afterResultPath: Text,
  afterItemsPath: Text,
  afterItemsPointer: Text,
  afterItemSelector: Text,
  afterItemBatcher: Text,
  variables: Text,
  toleratedFailureCount: Type.Optional(Type.Integer()),
  toleratedFailurePercentage: Type.Optional(Type.Number()),
  maxConcurrency: Type.Optional(Type.Integer()),
  errorDetails: Type.Optional(
    Type.Object({
      catchIndex: Type.Optional(Type.Integer()),
      retryIndex: Type.Optional(Type.Integer()),
      retryBackoffIntervalSeconds: Type.Optional(Type.Integer()),
    }),
  ),
});

export const testState = operation({
  name: 'TestState',
  input: Type.Object({
    definition: Definition,
    roleArn: Type.Optional(RoleArn),
    input: Type.Optional(Payload),
    inspectionLevel: Type.Optional(oneOf('INFO', 'DEBUG', 'TRACE')),
    revealSecrets: Type.Optional(Type.Boolean()),
    variables: Type.Optional(Payload),
    stateName: Type.Optional(Name),
    mock: Type.Optional(
      Type.Object({
        result: Type.Optional(Payload),
        errorOutput: Type.Optional(Type.Object({ error: Type.Optional(ErrorText), cause: Type.Optional(CauseText) })),
        fieldValidationMode: Type.Optional(oneOf('STRICT', 'PRESENT', 'NONE')),
      }),
    ),
    context: Type.Optional(Payload),
    stateConfiguration: Type.Optional(
      Type.Object({
        retrierRetryCount: Type.Optional(Count),
        errorCausedByState: Type.Optional(Name),
        mapIterationFailureCount: Type.Optional(Count),
        mapItemReaderData: Type.Optional(Payload),
      }),
    ),
  }),
  output: Type.Object({
    output: Text,
    error: Text,
    cause: Text,
    inspectionData: Type.Optional(InspectionData),
    nextState: Text,
    status: oneOf('SUCCEEDED', 'FAILED', 'RETRIABLE', 'CAUGHT_ERROR'),
  }),
  errors: ['InvalidArn', 'InvalidDefinition', 'InvalidExecutionInput'],
  async handle({ inspectionLevel = 'INFO', stateConfiguration = {}, input = '{}', ...asked }, context) {
    const { config, region, tester, reject } = context;
    if (asked.roleArn !== undefined) requireRole(asked.roleArn, context);
    const fault = jsonComplaint(input, context);
    if (fault !== undefined) throw reject('InvalidExecutionInput', fault);
    const scope = { region, accountId: config.accountId };
    const { inspection, ...report } = await run(
      tester,
      { ...asked, input, configuration: stateConfiguration, scope },
      context,
    );
    return { ...report, inspectionData: inspectionLevel === 'INFO' ? undefined : inspectionData(input, inspection) };
  },
});

/** @throws ApiError when the state, the mock and the settings do not go together, or the definition is wrong */
async function run(
  tester: Context['tester'],
  test: StateTest,
  { client, reject }: Context<'InvalidDefinition'>,
): Promise<Awaited<ReturnType<Context['tester']['test']>>> {
  try {
    return await tester.test(test, client.untilClosed());
  } catch (error) {
    if (error instanceof DefinitionError) throw reject('InvalidDefinition', error.message);
    if (!(error instanceof TestRefused)) throw error;
    // AWS does not quote what it says of the type of a state.
    throw new ApiError(error.fault === 'definition' ? 'InvalidDefinition' : 'ValidationException', error.message);
  }
}
