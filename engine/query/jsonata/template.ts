import { isJsonObject, type Json, type JsonObject, setMember } from '../../../schemas/json.ts';
import { inside, item, type Place, reportInvalid } from '../place.ts';
import type { Scope } from '../query-language.ts';
import { compileExpression, isExpression, opensExpression, type Setting } from './expression.ts';
import { UNDELIMITED } from './wording.ts';

/** A compiled template. */
export type Fill = (scope: Scope, given?: Json) => Promise<Json>;

/** A part of a template. */
interface Part {
  readonly fill: Fill;
  /** Whether nothing in it is computed, so that it can be used as it is. */
  readonly fixed: boolean;
}

/** Compiles a value in which every text that is an expression is computed, at any depth. */
export function compileTemplate(template: Json, setting: Setting): Fill {
  return compilePart(template, setting).fill;
}

const constant = (value: Json): Part => ({ fill: () => Promise.resolve(value), fixed: true });
const computed = (fill: Fill): Part => ({ fill, fixed: false });

function compilePart(value: Json, setting: Setting): Part {
  if (typeof value === 'string') return compileText(value, setting);
  if (Array.isArray(value)) return compileItems(value, setting);
  return isJsonObject(value) ? compileMembers(value, setting) : constant(value);
}

function compileText(text: string, setting: Setting): Part {
  if (isExpression(text)) return computed(compileExpression(text, setting) ?? NEVER);
  reportHalfOpen(text, setting.at);
  return constant(text);
}

/** Stands for an expression that has been reported: what holds it is never run. */
const NEVER: Fill = () => Promise.resolve(null);

/** What begins as an expression must end as one. */
function reportHalfOpen(text: string, at: Place): void {
  if (opensExpression(text)) reportInvalid(at, UNDELIMITED);
}

function compileItems(items: Json[], setting: Setting): Part {
  const parts = items.map((value, index) => compilePart(value, { ...setting, at: item(setting.at, index) }));
  if (parts.every(({ fixed }) => fixed)) return constant(items);
  return computed(async (scope, given) => {
    const filled: Json[] = [];
    for (const { fill } of parts) filled.push(await fill(scope, given));
    return filled;
  });
}

function compileMembers(object: JsonObject, setting: Setting): Part {
  const members = Object.entries(object).map(([name, value]) => ({
    name,
    ...compilePart(value, { ...setting, at: inside(setting.at, name) }),
  }));
  if (members.every(({ fixed }) => fixed)) return constant(object);
  return computed(async (scope, given) => {
    const filled: JsonObject = {};
    for (const { name, fill } of members) setMember(filled, name, await fill(scope, given));
    return filled;
  });
}
