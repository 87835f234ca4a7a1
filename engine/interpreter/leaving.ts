import { ERROR, StatesError } from '../../schemas/errors.ts';
import { type Json, type JsonObject, setMember } from '../../schemas/json.ts';
import type { Afterwards, Assign, Scope } from '../query/query-language.ts';
import { MAX_ASSIGNED_BYTES, MAX_VARIABLES_BYTES, utf8Length } from './limits.ts';

/** What happens when a state is left: the output it gives and the variables it sets, both from the values as they were. */
export interface Leaving {
  readonly output: Afterwards<Json>;
  readonly assign: Assign | undefined;
}

/** What a state left behind. */
export interface Left {
  readonly output: Json;
  /** The values that were assigned, and the same as JSON texts for the history; undefined when there are none. */
  readonly assigned: Assigned | undefined;
}

export interface Assigned {
  readonly values: Readonly<JsonObject>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Computes what a state leaves behind from what it gave. */
export async function leaveWith({ output, assign }: Leaving, scope: Scope, given: Json): Promise<Left> {
  const assigned = assign && (await assignedBy(assign, scope, given));
  const left = { output: await output(scope, given), assigned };
  if (assigned) checkTotal(scope, assigned);
  return left;
}

async function assignedBy(assign: Assign, scope: Scope, given: Json): Promise<Assigned | undefined> {
  return written(await assign(scope, given));
}

function written(values: Readonly<JsonObject>): Assigned | undefined {
  const texts: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(values)) {
    const text = JSON.stringify(value);
    bytes += utf8Length(text);
    texts[name] = text;
  }
  if (bytes > MAX_ASSIGNED_BYTES) {
    throw new StatesError(ERROR.dataLimitExceeded, exceeds('assigned in one Assign field', MAX_ASSIGNED_BYTES));
  }
  return Object.keys(texts).length === 0 ? undefined : { values, texts };
}

/** The limit is AWS's for an execution; here it is held against what one place of the execution can see. */
function checkTotal({ variables }: Scope, { values, texts }: Assigned): void {
  let bytes = 0;
  for (const text of Object.values(texts)) bytes += text.length;
  for (const [name, value] of Object.entries(variables)) {
    if (!Object.hasOwn(values, name)) bytes += textLength(value);
    if (bytes > MAX_VARIABLES_BYTES) {
      throw new StatesError(ERROR.dataLimitExceeded, exceeds('stored', MAX_VARIABLES_BYTES));
    }
  }
}

const exceeds = (what: string, limit: number): string =>
  `The size of the variables ${what} exceeds the maximum of ${limit} bytes.`;

/** Lengths of large values, which stay the same objects from state to state. */
const lengths = new WeakMap<object, number>();

function textLength(value: Json): number {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value).length;
  const known = lengths.get(value) ?? JSON.stringify(value).length;
  lengths.set(value, known);
  return known;
}

/** Variables after an assignment. */
export function withAssigned(variables: JsonObject, assigned: Assigned | undefined): JsonObject {
  if (assigned === undefined) return variables;
  const changed = { ...variables };
  for (const [name, value] of Object.entries(assigned.values)) setMember(changed, name, value);
  return changed;
}
