import type { Json, JsonObject } from '../../../schemas/json.ts';
import { setMember } from '../../../schemas/json.ts';
import { MAX_VALUE, MemoryExceeded } from './room.ts';
import { isRecord } from './syntax.ts';
import { TOO_LARGE } from './wording.ts';

/** A part of the data, as it is, or a list of such parts, without the library's marks. */
export function asData(result: unknown): Json | undefined {
  return Array.isArray(result) && 'sequence' in result ? [...result] : (result as Json | undefined);
}

/**
 * What an expression gave, as JSON: functions are nothing, and a number without end is its name, as on AWS. *
 * @returns undefined when it gave nothing
 * @throws MemoryExceeded when it would be too large to write down
 */
export function toJson(result: unknown): Json | undefined {
  let room = MAX_VALUE;
  const spend = (cost: number): void => {
    room -= cost;
    if (room < 0) throw new MemoryExceeded(TOO_LARGE);
  };
  return convert(result, spend);
}

function convert(value: unknown, spend: (cost: number) => void): Json | undefined {
  switch (typeof value) {
    case 'string':
      spend(value.length + 2);
      return value;
    case 'number':
      spend(2);
      // Minus zero becomes zero, as it would in JSON.
      return Number.isFinite(value) ? value + 0 : String(value);
    case 'boolean':
      spend(4);
      return value;
    case 'object':
      return value === null ? null : convertObject(value, spend);
    default:
      return undefined;
  }
}

function convertObject(value: object, spend: (cost: number) => void): Json | undefined {
  if (Array.isArray(value)) return convertItems(value, spend);
  if (!isRecord(value) || value['_jsonata_function'] === true || value['_jsonata_lambda'] === true) return undefined;
  const converted: JsonObject = {};
  spend(2);
  for (const name of Object.keys(value)) {
    spend(name.length + 4);
    const member = convert(value[name], spend);
    if (member !== undefined) setMember(converted, name, member);
  }
  return converted;
}

function convertItems(items: readonly unknown[], spend: (cost: number) => void): Json[] {
  spend(items.length + 2);
  return items.map((item) => convert(item, spend) ?? null);
}
