import {
  isJsonObject,
  type Json,
  JsonError,
  type JsonObject,
  MAX_JSON_DEPTH,
  member,
  setMember,
} from '../schemas/json.ts';

/**
 * Applies a JSON merge patch (RFC 7386): members of objects are merged, null removes one, anything else replaces what was there.
 *
 * @returns a new value; shares with both what did not have to change
 * @throws JsonError when the patch is nested deeper than inputs may be
 */
export const mergePatch = (target: Json, patch: Json): Json => merged(target, patch, 1);

function merged(target: Json | undefined, patch: Json, depth: number): Json {
  if (!isJsonObject(patch)) return patch;
  if (depth > MAX_JSON_DEPTH) throw new JsonError(`The patch is nested deeper than ${MAX_JSON_DEPTH} levels`);
  const result: JsonObject = {};
  const before = isJsonObject(target) ? target : {};
  for (const [name, value] of Object.entries(before)) if (member(patch, name) !== null) setMember(result, name, value);
  for (const [name, value] of Object.entries(patch)) {
    if (value !== null) setMember(result, name, merged(member(before, name), value, depth + 1));
  }
  return result;
}
