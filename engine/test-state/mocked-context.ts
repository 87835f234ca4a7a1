import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '../../schemas/json.ts';
import { REFUSAL } from './refusal.ts';
import type { Subject } from './subject.ts';

/** What a member of the context object must be. */
type Kind = 'any' | 'integer' | 'string' | { readonly [member: string]: Kind };

/** What a mocked context object may have. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
const CONTEXT: Kind = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RedriveCount: 'integer',
    RedriveTime: 'string',
    RoleArn: 'string',
    StartTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'integer' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
};

/**
 * Reads what stands in for the context object.
 *
 * @throws TestRefused
 */
export function mockedContext(text: string, { resource }: Subject): JsonObject {
  const context = read(text);
  if (Object.hasOwn(context, 'Map')) {
    throw REFUSAL.context("'Map' field is not supported when mocking a Context object");
  }
  check(context, CONTEXT, '');
  if (Object.hasOwn(context, 'Task') && !hasToken(resource)) {
    throw REFUSAL.context(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  }
  return context;
}

/** Whether a task has a token that expressions can see. */
export const hasToken = (resource: Subject['resource']): boolean =>
  resource !== undefined && resource.pattern !== 'requestResponse';

function read(text: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw REFUSAL.context('Context object must be a valid JSON object');
}

function check(value: Json, kind: Kind, path: string): void {
  if (typeof kind === 'object') checkMembers(value, kind, path);
  else if (kind === 'string' && typeof value !== 'string') throw REFUSAL.context(`${path} must be a string`);
  else if (kind === 'integer' && !Number.isInteger(value)) throw REFUSAL.context(`${path} must be an integer`);
}

function checkMembers(value: Json, members: Exclude<Kind, string>, path: string): void {
  if (!isJsonObject(value)) throw REFUSAL.context(`${path} must be an object`);
  for (const [name, inner] of Object.entries(value)) {
    const kind = Object.hasOwn(members, name) ? members[name] : undefined;
    if (kind === undefined) throw REFUSAL.context(`Field '${name}' is not allowed`);
    check(inner, kind, path === '' ? name : `${path}.${name}`);
  }
}
