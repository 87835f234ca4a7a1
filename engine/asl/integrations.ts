import { describeResource } from '../../schemas/resource.ts';

/**
 * The optimized integrations: which resources a Task may name, in which patterns, with which arguments.
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */

/** How a Task waits for a service: for its response, for the end of a job, for a callback. */
export type Pattern = '' | '.sync' | '.sync:2' | '.waitForTaskToken';

export interface Integration {
  readonly patterns: readonly Pattern[];
  /** Arguments without which AWS refuses the definition. */
  readonly required: readonly string[];
}

const RESPONSE: readonly Pattern[] = [''];
const JOB: readonly Pattern[] = ['', '.sync'];
const CALLBACK: readonly Pattern[] = ['', '.waitForTaskToken'];
const JOB_OR_CALLBACK: readonly Pattern[] = ['', '.sync', '.waitForTaskToken'];

const can = (patterns: readonly Pattern[], ...required: readonly string[]): Integration => ({ patterns, required });
const all = (patterns: readonly Pattern[], ...actions: readonly string[]): Record<string, Integration> =>
  Object.fromEntries(actions.map((action) => [action, can(patterns)]));

type Actions = Readonly<Record<string, Integration>>;

const SERVICES: Readonly<Record<string, Actions>> = {
  apigateway: all(CALLBACK, 'invoke'),
  athena: {
    ...all(JOB, 'startQueryExecution'),
    ...all(RESPONSE, 'stopQueryExecution', 'getQueryExecution', 'getQueryResults'),
  },
  batch: all(JOB, 'submitJob'),
  bedrock: { ...all(CALLBACK, 'invokeModel'), ...all(JOB, 'createModelCustomizationJob') },
  codebuild: {
    ...all(JOB, 'startBuild', 'startBuildBatch', 'retryBuildBatch'),
    ...all(RESPONSE, 'stopBuild', 'batchDeleteBuilds', 'batchGetReports', 'stopBuildBatch', 'deleteBuildBatch'),
  },
  databrew: all(JOB, 'startJobRun'),
  dynamodb: {
    getItem: can(RESPONSE, 'TableName', 'Key'),
    putItem: can(RESPONSE, 'TableName', 'Item'),
    ...all(RESPONSE, 'updateItem', 'deleteItem'),
  },
  ecs: { runTask: can(JOB_OR_CALLBACK, 'TaskDefinition') },
  eks: all(
    JOB_OR_CALLBACK,
    'createCluster',
    'deleteCluster',
    'createFargateProfile',
    'deleteFargateProfile',
    'createNodegroup',
    'deleteNodegroup',
    'runJob',
    'call',
  ),
  elasticmapreduce: {
    ...all(JOB, 'createCluster', 'terminateCluster', 'addStep'),
    ...all(
      RESPONSE,
      'setClusterTerminationProtection',
      'cancelStep',
      'modifyInstanceFleetByName',
      'modifyInstanceGroupByName',
    ),
  },
  'emr-containers': { ...all(JOB, 'deleteVirtualCluster', 'startJobRun'), ...all(RESPONSE, 'createVirtualCluster') },
  'emr-serverless': all(
    JOB,
    'createApplication',
    'startApplication',
    'stopApplication',
    'deleteApplication',
    'startJobRun',
    'cancelJobRun',
  ),
  events: { putEvents: can(CALLBACK, 'Entries') },
  glue: { startJobRun: can(JOB, 'JobName') },
  http: all(RESPONSE, 'invoke'),
  lambda: { invoke: can(CALLBACK, 'FunctionName') },
  mediaconvert: all(JOB, 'createJob'),
  sagemaker: {
    ...all(
      JOB,
      'createHyperParameterTuningJob',
      'createLabelingJob',
      'createProcessingJob',
      'createTrainingJob',
      'createTransformJob',
    ),
    ...all(RESPONSE, 'createEndpoint', 'createEndpointConfig', 'createModel', 'updateEndpoint'),
  },
  sns: { publish: can(CALLBACK, 'Message') },
  sqs: { sendMessage: can(CALLBACK, 'QueueUrl', 'MessageBody') },
  states: { startExecution: can(['', '.sync', '.sync:2', '.waitForTaskToken'], 'StateMachineArn') },
};

/** Any action of any service of the AWS SDK, which are too many to list. */
const SDK = can(CALLBACK);

/** Services too new for a list of their actions. */
const OPEN_SERVICES: ReadonlySet<string> = new Set(['bedrock-agentcore']);

/** What a Task's Resource is, to the one who checks it. */
export type CheckedResource =
  | { readonly kind: 'activity' }
  | { readonly kind: 'function' }
  | { readonly kind: 'integration'; readonly pattern: Pattern; readonly required: readonly string[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'no ARN' };

/** Tells what a Task's Resource is. The ARN of an integration may leave out region and account, and usually does. */
export function checkResource(resource: string): CheckedResource {
  const described = describeResource(resource);
  if (described === undefined) return { kind: resource.startsWith('arn:') ? 'unknown' : 'no ARN' };
  if (described.family === 'Activity') return { kind: 'activity' };
  if (described.family === 'LambdaFunction') return { kind: 'function' };
  const [, action = '', suffix = ''] = ACTION.exec(described.resource) ?? [];
  const integration = integrationOf(described.resourceType, action);
  const pattern = PATTERNS.find((known) => known === suffix) ?? '';
  if (!integration?.patterns.includes(pattern)) return { kind: 'unknown' };
  return { kind: 'integration', pattern, required: integration.required };
}

const ACTION = /^([a-z][A-Za-z0-9]*)(\..+)?$/;
const PATTERNS: readonly Pattern[] = ['', '.sync', '.sync:2', '.waitForTaskToken'];

function integrationOf(service: string, action: string): Integration | undefined {
  if (action === '') return undefined;
  if (service.startsWith('aws-sdk:')) return SDK;
  if (OPEN_SERVICES.has(service)) return can(RESPONSE);
  const actions = own(SERVICES, service);
  return actions && own(actions, action);
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
