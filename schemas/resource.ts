/** What the Resource of a Task state names, as far as its text tells. */
export interface ResourceDescription {
  /** Which family of history events the task has: ActivityScheduled, LambdaFunctionScheduled or TaskScheduled. */
  readonly family: 'Activity' | 'LambdaFunction' | 'Task';
  /** The service, as history events and causes name it: `lambda`, `states`, `aws-sdk:s3`. */
  readonly resourceType: string;
  /** The action with its pattern, `invoke.waitForTaskToken`; the whole ARN of an activity or a function. */
  readonly resource: string;
  readonly pattern: 'requestResponse' | 'sync' | 'waitForTaskToken';
}

const ACTIVITY = /^arn:aws[a-z-]*:states:[^:]+:[^:]+:activity:[^:]+$/;
const FUNCTION = /^arn:aws[a-z-]*:lambda:[^:]+:[^:]+:function:[^:]+(?::[^:]+)?$/;
const SERVICE =
  /^arn:aws[a-z-]*:states:[^:]*:[^:]*:((?:aws-sdk:)?[^:.]+):([^:.]+(?:\.(?:sync(?::2)?|waitForTaskToken))?)$/;

/** Reads the Resource of a Task state; undefined when it names nothing that a task could be. */
export function describeResource(resource: string): ResourceDescription | undefined {
  if (ACTIVITY.test(resource)) {
    return { family: 'Activity', resourceType: 'activity', resource, pattern: 'requestResponse' };
  }
  if (FUNCTION.test(resource)) {
    return { family: 'LambdaFunction', resourceType: 'lambda', resource, pattern: 'requestResponse' };
  }
  const [, resourceType, action] = SERVICE.exec(resource) ?? [];
  if (resourceType === undefined || action === undefined || NOT_SERVICES.has(resourceType)) return undefined;
  return { family: 'Task', resourceType, resource: action, pattern: patternOf(action) };
}

/** Kinds of ARN under `states` that look like a service and an action but are not. */
const NOT_SERVICES: ReadonlySet<string> = new Set(['activity', 'execution', 'express', 'mapRun', 'stateMachine']);

function patternOf(action: string): ResourceDescription['pattern'] {
  if (action.endsWith('.waitForTaskToken')) return 'waitForTaskToken';
  return action.includes('.sync') ? 'sync' : 'requestResponse';
}

/** The queue of everything that the task runner performs, which is all but activities. */
export const RUNNER_QUEUE = 'tasks';

/**
 * The queue that a task of the resource goes to: one per activity, one for the rest. An ARN has six colons before the
 * name and an activity's name has none, so a dot in their place keeps names apart.
 */
export function queueName(resource: string): string {
  return ACTIVITY.test(resource) ? resource.replaceAll(':', '.') : RUNNER_QUEUE;
}
