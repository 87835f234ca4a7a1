import { JSONPath } from 'jsonpath-plus';
import type { Json } from '../../../schemas/json.ts';

// The one place that calls jsonpath-plus. It reads every path from text, its array form too, and takes `^`, `~`,
// `@type()`, backticks and more out of names; so it is given texts that we make from numbers and signs, and no names.

/** Texts that jsonpath-plus may remember, in characters: it forgets none by itself, and definitions come and go. */
const MAX_REMEMBERED = 1_000_000;
let remembered = 0;

/** What finds values in a document, e.g. every item of an array, always as a list. */
export type Select = (from: Json) => Json[];

/**
 * Prepares a path without names and filters: `$[*]`, `$..[0:1]`. Scripts are off.
 *
 * @param text made by us, never taken from a definition
 */
export function evaluatorOf(text: string): Select {
  remembered += text.length;
  if (remembered > MAX_REMEMBERED) {
    JSONPath.clearCache();
    remembered = 0;
  }
  return (from) => asList(JSONPath({ path: text, json: from, eval: false }));
}

/** What jsonpath-plus hands to an evaluator of one's own: its sandbox, with the item that the filter is to judge. */
interface Judged {
  readonly _$_v: Json;
  readonly judge: (item: Json) => boolean;
}

/** Stands in for jsonpath-plus's evaluation of scripts: whatever the text, a compiled filter is all that ever runs. */
const runFilter = Object.assign((_text: string, { judge, _$_v }: Judged): boolean => judge(_$_v), {
  // Per item, jsonpath-plus looks scripts up by the text of the evaluator.
  toString: () => 'compiled',
});

/** The items of an array that a compiled filter accepts. */
export function filterItems(items: Json[], judge: Judged['judge']): Json[] {
  try {
    return asList(JSONPath({ path: '$[?(filter)]', json: items, eval: runFilter, sandbox: { _$_v: null, judge } }));
  } catch (error) {
    // It wraps what a filter throws, e.g. that the evaluation became too expensive.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  }
}

const asList = (found: unknown): Json[] => (Array.isArray(found) ? found : []);
