/** JSON values as plain data: what inputs, outputs and definitions are made of. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** The nesting that JSON texts may have; Jackson's default, which AWS applies. */
export const MAX_JSON_DEPTH = 1000;

/** Why a text is not acceptable JSON; the message is fit to be shown to the sender. */
export class JsonError extends Error {}

/**
 * Parses a JSON text from outside.
 *
 * @throws JsonError when the text is not JSON, is nested deeper than {@link MAX_JSON_DEPTH}, or
 * holds a number that a double cannot hold (1e400), which would silently become null later.
 */
export function parseJson(text: string): Json {
  if (nestingDepth(text) > MAX_JSON_DEPTH) {
    throw new JsonError(`Document nesting depth exceeds the maximum allowed (${MAX_JSON_DEPTH})`);
  }
  try {
    return JSON.parse(text, HUGE_NUMBER.test(text) ? refuseInfinity : undefined) as Json;
  } catch (error) {
    throw new JsonError(error instanceof Error ? error.message : String(error));
  }
}

/** Cheap sign that a text may hold a number beyond the doubles: an exponent or 300 digits. */
const HUGE_NUMBER = /\d[eE]\+?\d{3}|\d{300}/;

function refuseInfinity(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new JsonError('Number out of range');
  return value;
}

/** The deepest nesting of brackets outside strings; counts without recursion, so any depth is safe. */
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return deepest;
}

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/** Where the string that begins at `start` ends; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code === BACKSLASH) index += 1;
  }
  return text.length;
}

/** Whether a value is a JSON object (neither null nor an array). */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Sets a member of an object that is being built. Names come from users: assigning `__proto__`
 * would change the prototype instead of adding a member.
 */
export function setMember(object: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}

/** A member of an object, or undefined; never something inherited from Object.prototype. */
export const member = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;
