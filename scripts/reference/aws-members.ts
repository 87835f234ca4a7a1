import * as sfn from '@aws-sdk/client-sfn';

/** What the newest AWS SDK for JavaScript knows of an operation: the members of its input and output, as `a.b` and `a[].b`. */
export interface AwsOperation {
  readonly input: readonly AwsMember[];
  readonly output: readonly AwsMember[];
}

export interface AwsMember {
  readonly name: string;
  readonly isRequired: boolean;
}

/** Schemas as the SDK generates them (@smithy/core, `schema`): a tuple that begins with its kind, maybe made by a function, maybe with traits. */
type Schema = readonly unknown[] | number | (() => Schema);

const LIST = 1;
const MAP = 2;
const STRUCTURES = [3, -3];

const EXPORTS: ReadonlyMap<string, unknown> = new Map(Object.entries(sfn));

/** The names of all operations, sorted. */
export const awsOperations = (): string[] =>
  [...EXPORTS.keys()].flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []).sort();

/** @throws TypeError when the SDK has no such operation */
export function awsOperation(name: string): AwsOperation {
  const schema = EXPORTS.get(`${name}$`);
  if (!Array.isArray(schema)) throw new TypeError(`The SDK has no operation ${name}`);
  return { input: membersOf(schema[4], '', []), output: membersOf(schema[5], '', []) };
}

/** @param within structures around this one: those that hold themselves end there */
function membersOf(given: Schema, path: string, within: readonly unknown[]): AwsMember[] {
  const schema = resolve(given);
  if (typeof schema === 'number' || within.includes(schema)) return [];
  if (schema[0] === LIST) return membersOf(schema[4] as Schema, `${path}[]`, within);
  if (schema[0] === MAP || !STRUCTURES.includes(Number(schema[0]))) return [];
  const [names, types, required = 0] = schema.slice(4) as [string[], Schema[], number?];
  return names.flatMap((name, index) => {
    const member = path === '' ? name : `${path}.${name}`;
    const deeper = membersOf(types[index] ?? 0, member, [...within, schema]);
    return [{ name: member, isRequired: index < required }, ...deeper];
  });
}

/** Without the function and the traits around it. */
function resolve(schema: Schema): readonly unknown[] | number {
  if (typeof schema === 'function') return resolve(schema());
  if (Array.isArray(schema) && typeof schema[0] === 'function') return resolve(schema[0] as Schema);
  return schema;
}
