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

/** Services whose actions are too many or too new to list: only their patterns are checked. */
const OPEN_SERVICES: Readonly<Record<string, Integration>> = {
  'aws-sdk': can(CALLBACK),
  'bedrock-agentcore': can(RESPONSE),
};

/** What a Task's Resource is. */
export type Resource =
  | { readonly kind: 'activity' }
  | { readonly kind: 'lambda' }
  | { readonly kind: 'integration'; readonly pattern: Pattern; readonly required: readonly string[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'no ARN' };

const ARN = /^arn:(aws[a-z-]*):([a-z0-9-]+):([^:]*):([^:]*):(.+)$/s;
const SERVICE_ACTION = /^([A-Za-z0-9-]+):([A-Za-z0-9:]+?)(\.sync(?::2)?|\.waitForTaskToken)?$/;

/** Tells what a Task's Resource is. The ARN of an integration may leave out region and account, and usually does. */
export function readResource(resource: string): Resource {
  const arn = ARN.exec(resource);
  if (!arn) return { kind: 'no ARN' };
  const [, , service, region, account, rest = ''] = arn;
  if (service === 'lambda') return { kind: region && account && rest.startsWith('function:') ? 'lambda' : 'unknown' };
  if (service !== 'states') return { kind: 'unknown' };
  if (rest.startsWith('activity:')) return { kind: region && account && rest !== 'activity:' ? 'activity' : 'unknown' };
  return readIntegration(rest);
}

function readIntegration(rest: string): Resource {
  const [, service = '', action = '', suffix] = SERVICE_ACTION.exec(rest) ?? [];
  const pattern = patternOf(suffix);
  const integration = own(OPEN_SERVICES, service) ?? own(own(SERVICES, service) ?? {}, action);
  if (!integration?.patterns.includes(pattern)) return { kind: 'unknown' };
  if (service === 'aws-sdk' && !/^[a-z0-9]+:[a-z][A-Za-z0-9]*$/.test(action)) return { kind: 'unknown' };
  return { kind: 'integration', pattern, required: integration.required };
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function patternOf(suffix: string | undefined): Pattern {
  return suffix === '.sync' || suffix === '.sync:2' || suffix === '.waitForTaskToken' ? suffix : '';
}
