import { ERROR, resultTooLarge, StatesError } from '../../../schemas/errors.ts';
import { isJsonObject, type Json, member } from '../../../schemas/json.ts';
import { describeResource, type ResourceDescription } from '../../../schemas/resource.ts';
import type { Field } from '../../query/query-language.ts';
import type { Effect } from '../effect.ts';
import { exceedsBytes, MAX_SECONDS } from '../limits.ts';
import {
  type EventDraft,
  type TaskRequest,
  taskEnded,
  taskScheduled,
  taskStarted,
  taskSubmitted,
  taskSucceeded,
} from '../narrate.ts';
import type { Happening, Outcome } from '../outcome.ts';
import { NOT_SECONDS } from './complaints.ts';
import type { StateKind, Visit } from './state-kind.ts';

/** ASL "Task State": asks a worker or a service, and waits for the answer. */
export const task: StateKind = ({ state, at, query, flow }) => {
  const arn = member(state, 'Resource');
  const resource = typeof arn === 'string' ? describeResource(arn) : undefined;
  // A checked definition names a resource that there is.
  if (typeof arn !== 'string' || !resource) throw new Error(`A Task with the Resource ${JSON.stringify(arn)}`);
  const timeout = query.field(state, 'TimeoutSeconds', at);
  const heartbeat = query.field(state, 'HeartbeatSeconds', at);
  const credentials = member(state, 'Credentials') && query.template(state, 'Credentials', at);
  return {
    enter: async (visit) => {
      const input = JSON.stringify(await flow.arguments(visit.scope));
      const timeoutSeconds = await secondsOf(timeout, visit);
      const heartbeatSeconds = await secondsOf(heartbeat, visit);
      const roleArn = credentials ? roleIn(await credentials(visit.scope)) : {};
      const request = { input, region: visit.region, ...timeoutSeconds, ...heartbeatSeconds, ...roleArn };
      return schedule(resource, arn, request, visit);
    },
    resume: (visit, happening) => resume(resource, visit, happening, heartbeat),
  };
};

/** The role to be assumed for a task, for the history: whose it is means nothing here. */
function roleIn(credentials: Json): { roleArn?: string } {
  const roleArn = isJsonObject(credentials) ? member(credentials, 'RoleArn') : undefined;
  return typeof roleArn === 'string' ? { roleArn } : {};
}

function schedule(resource: ResourceDescription, arn: string, request: TaskRequest, visit: Visit): Outcome {
  const { at, frame, limits, taskToken } = visit;
  if (exceedsBytes(request.input, limits.maxPayloadBytes)) throw tooLarge(resource);
  const { input, timeoutSeconds, heartbeatSeconds } = request;
  // Of a job that runs by itself nobody sends any.
  const beats = heartbeatSeconds !== undefined && resource.pattern !== 'sync';
  const effects: Effect[] = [
    {
      type: 'DispatchTask',
      visit: frame.visit,
      task: { resource: arn, input, taskToken, ...(beats ? { heartbeatSeconds } : {}) },
    },
  ];
  if (timeoutSeconds !== undefined) {
    effects.push({
      type: 'SetTimer',
      timer: { visit: frame.visit, purpose: 'timeout' },
      dueMs: at + timeoutSeconds * 1000,
    });
  }
  return {
    type: 'suspend',
    wait: { for: 'task', started: false, sinceMs: at },
    effects,
    events: [taskScheduled(resource, request)],
  };
}

async function resume(
  resource: ResourceDescription,
  visit: Visit,
  happening: Happening,
  heartbeat: Field | undefined,
): Promise<Outcome> {
  const started = visit.frame.wait.for === 'task' && visit.frame.wait.started;
  // A result can overtake the news that a worker has the task; the history tells both in order.
  const workerName = 'workerName' in happening ? happening.workerName : undefined;
  const before = started || happening.type === 'TimerFired' ? [] : [taskStarted(resource, workerName)];
  switch (happening.type) {
    case 'TaskStarted': {
      const beats = resource.pattern === 'sync' ? undefined : heartbeat;
      const seconds = (await secondsOf(beats, visit)).heartbeatSeconds;
      return {
        type: 'suspend',
        wait: { for: 'task', started: true, sinceMs: visit.at },
        effects: heartbeatTimer(visit, seconds),
        events: before,
      };
    }
    case 'TaskSubmitted': {
      const wait = { ...startedWait(visit), submitted: true } as const;
      return { type: 'suspend', wait, effects: [], events: [...before, taskSubmitted(resource, happening.output)] };
    }
    case 'TaskSucceeded':
      return succeeded(resource, visit, happening.output, happening.outputText, before);
    case 'TaskFailed':
      return failed(resource, happening.error, before, happening.submitting ? 'SubmitFailed' : 'Failed');
    case 'TimerFired': {
      // AWS records a missed heartbeat as States.Timeout; Retry and Catch match it by either name.
      const error = { error: ERROR.timeout };
      const events = [taskEnded(resource, 'TimedOut', error)];
      return { type: 'fail', error, heartbeat: happening.purpose === 'heartbeat', events };
    }
  }
}

/** The result of a service can overtake the news that it was asked. */
function startedWait({ at, frame: { wait } }: Visit) {
  return wait.for === 'task' && wait.started ? wait : ({ for: 'task', started: true, sinceMs: at } as const);
}

/** The heartbeat's clock starts when a worker has the task: nobody could send one earlier. */
function heartbeatTimer({ at, frame }: Visit, seconds: number | undefined): Effect[] {
  if (seconds === undefined) return [];
  return [{ type: 'SetTimer', timer: { visit: frame.visit, purpose: 'heartbeat' }, dueMs: at + seconds * 1000 }];
}

function succeeded(
  resource: ResourceDescription,
  visit: Visit,
  output: Json,
  text: string,
  before: readonly EventDraft[],
): Outcome {
  if (exceedsBytes(text, visit.limits.maxPayloadBytes)) {
    const { error, reason } = tooLarge(resource);
    return failed(resource, { error, cause: reason }, before);
  }
  return { type: 'advance', result: output, events: [...before, taskSucceeded(resource, text)] };
}

function failed(
  resource: ResourceDescription,
  error: { error?: string; cause?: string },
  before: readonly EventDraft[],
  how: 'Failed' | 'SubmitFailed' = 'Failed',
): Outcome {
  return { type: 'fail', error, events: [...before, taskEnded(resource, how, error)] };
}

const tooLarge = (resource: ResourceDescription): StatesError =>
  new StatesError(
    ERROR.dataLimitExceeded,
    resultTooLarge(resource.family === 'Task' ? resource.resourceType : resource.resource),
  );

/** TimeoutSeconds or HeartbeatSeconds, under the name that events and effects have for it. */
async function secondsOf(
  field: Field | undefined,
  visit: Visit,
): Promise<{ timeoutSeconds?: number; heartbeatSeconds?: number }> {
  if (!field) return {};
  const value = await field.evaluate(visit.scope);
  if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0 || value > MAX_SECONDS) {
    throw field.refuse(value, NOT_SECONDS);
  }
  return field.name.startsWith('Timeout') ? { timeoutSeconds: value } : { heartbeatSeconds: value };
}
