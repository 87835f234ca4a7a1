import { isJsonObject, type Json, type JsonObject, member } from '../../../schemas/json.ts';

/** What it costs to list the names of an object, per name, in the units of a path's budget. */
export const COST_OF_NAME = 3;

/**
 * Whether two values are equal: numbers by value, objects whatever the order of their members.
 *
 * @param spend is told about the work, which the data decides
 */
export function equalJson(left: Json, right: Json, spend: (cost: number) => void = () => {}): boolean {
  spend(typeof left === 'string' ? 1 + (left.length >> 6) : 1);
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equalJson(item, right[index] ?? null, spend))
    );
  }
  return isJsonObject(left) && isJsonObject(right) && equalObjects(left, right, spend);
}

function equalObjects(left: JsonObject, right: JsonObject, spend: (cost: number) => void): boolean {
  const names = Object.keys(left);
  spend(names.length * COST_OF_NAME);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const other = member(right, name);
    return other !== undefined && equalJson(left[name] ?? null, other, spend);
  });
}

/** A text that two values share exactly when they are equal. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? null)}`).join()}}`;
}

/** A value as States.Format writes it: Java's toString, so `{a=1, b=[x, y]}`, and texts without quotes. */
export function displayText(value: Json): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(displayText).join(', ')}]`;
  if (!isJsonObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}=${displayText(item)}`)
    .join(', ')}}`;
}

/**
 * Whether the JSON text of a value is longer than `limit`, roughly. Stops as soon as that is known, so it
 * costs at most `limit` even where a few names refer to the same large value a million times.
 */
export function isLargerThan(value: Json, limit: number): boolean {
  let room = limit;
  const pending: Json[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    room -= ownSize(next);
    if (room < 0) return true;
    if (Array.isArray(next)) for (const item of next) pending.push(item);
    else if (isJsonObject(next)) for (const name in next) pending.push(next[name] ?? null);
  }
  return false;
}

/** The size of a value without that of the values in it, at least one per value in it. */
function ownSize(value: Json): number {
  if (typeof value === 'string') return value.length + 3;
  if (Array.isArray(value)) return value.length + 2;
  if (!isJsonObject(value)) return 2;
  let size = 2;
  for (const name in value) size += name.length + 3;
  return size;
}
