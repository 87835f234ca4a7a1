import { isJsonObject, type Json, type JsonObject } from '../../schemas/json.ts';
import type { ResourceDescription } from '../../schemas/resource.ts';
import { RESPONSES, type Shape } from './response-shapes.ts';

/** Holds a mocked result against what the service answers, as far as that is known here. */

/**
 * What is wrong with the answer of a service; undefined when nothing is, or when the service is not known. Members that are
 * not known are let through: services learn new ones.
 *
 * @param strict whether members that are always there are missed
 */
export function responseFault(resource: ResourceDescription, answer: Json, strict: boolean): string | undefined {
  const shape = resource.family === 'Task' ? shapeOf(resource) : undefined;
  return shape && faultIn(answer, shape, '', strict);
}

/** A task that waits for the end of a job gets the answer of the call that asks how the job is. */
const ASKING: Readonly<Record<string, string>> = {
  'batch:submitJob': 'batch:describeJobs',
  'ecs:runTask': 'ecs:describeTasks',
  'glue:startJobRun': 'glue:getJobRun',
  'states:startExecution': 'states:describeExecution',
};

function shapeOf({ resourceType, resource, pattern }: ResourceDescription): Shape | undefined {
  const service = resourceType.replace(/^aws-sdk:/, '').replace(/^sfn$/, 'states');
  const called = `${service}:${resource.replace(/\..*$/, '')}`;
  const name = pattern === 'sync' ? ASKING[called] : called;
  return name !== undefined && Object.hasOwn(RESPONSES, name) ? RESPONSES[name] : undefined;
}

function faultIn(value: Json, shape: Shape, name: string, strict: boolean): string | undefined {
  switch (shape.type) {
    case 'string':
      return textFault(value, shape, name);
    case 'number':
      return numberFault(value, shape, name);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `Field '${name}' must be a boolean`;
    case 'list':
      if (!Array.isArray(value)) return `Field '${name}' must be an array`;
      return first(value, (item) => faultIn(item, shape.of, name, strict));
    case 'map':
      if (!isJsonObject(value)) return `Field '${name}' must be an object`;
      return first(Object.values(value), (item) => faultIn(item, shape.of, name, strict));
    case 'structure':
      if (!isJsonObject(value)) return name === '' ? 'Result must be an object' : `Field '${name}' must be an object`;
      return structureFault(value, shape, strict);
  }
}

function structureFault(
  value: JsonObject,
  { members, required }: Extract<Shape, { type: 'structure' }>,
  strict: boolean,
): string | undefined {
  const missing = strict ? required.find((name) => !Object.hasOwn(value, name)) : undefined;
  if (missing !== undefined) return `Required field '${missing}' is missing`;
  return first(Object.entries(value), ([name, item]) => {
    const shape = Object.hasOwn(members, name) ? members[name] : undefined;
    return shape && faultIn(item, shape, name, strict);
  });
}

function textFault(value: Json, shape: Extract<Shape, { type: 'string' }>, name: string): string | undefined {
  if (typeof value !== 'string') return `Field '${name}' must be a string`;
  const { values, least = 0, most = Number.POSITIVE_INFINITY } = shape;
  if (values && !values.includes(value)) return `Field '${name}' is not an expected value`;
  if (value.length < least) return `Field '${name}' is smaller than the minimum length`;
  return value.length > most ? `Field '${name}' exceeds the maximum length` : undefined;
}

function numberFault(value: Json, shape: Extract<Shape, { type: 'number' }>, name: string): string | undefined {
  if (typeof value !== 'number') return `Field '${name}' must be a number`;
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = shape;
  if (value < least) return `Field '${name}' is less than the minimum value`;
  return value > most ? `Field '${name}' exceeds the maximum value` : undefined;
}

/** The first fault of a list of values. */
function first<T>(values: readonly T[], faultOf: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const fault = faultOf(value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
