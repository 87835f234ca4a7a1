import { ERROR, StatesError } from '../../../schemas/errors.ts';
import { isJsonObject, type Json, type JsonObject, member, setMember } from '../../../schemas/json.ts';
import type { Segment, Session } from './path-syntax.ts';
import { guardSize, HARMLESS_COPIES } from './size-guard.ts';
import { TOO_EXPENSIVE } from './wording.ts';

/** Values looked at per evaluation. A payload of 256 KiB has at most 128 Ki values; `..` twice multiplies. */
const BUDGET = 1_000_000;

/**
 * All values that a path finds, in Jayway's order: depth first, a value before what is inside it.
 *
 * @throws StatesError when that would take too long or the values are too large together
 */
export function selectAll(segments: readonly Segment[], from: Json): Json[] {
  const found = new Evaluation(from).select(segments, from);
  // Found values may contain each other (`$..*`); only many of them can be large together.
  if (found.length > HARMLESS_COPIES) guardSize(found);
  return found;
}

class Evaluation implements Session {
  readonly root: Json;
  #budget = BUDGET;

  constructor(root: Json) {
    this.root = root;
  }

  spend(cost: number): void {
    this.#budget -= cost;
    if (this.#budget < 0) throw new StatesError(ERROR.runtime, TOO_EXPENSIVE);
  }

  select(segments: readonly Segment[], from: Json): Json[] {
    const found: Json[] = [];
    this.#walk({ segments, found }, 0, from);
    return found;
  }

  #walk(search: Search, index: number, value: Json): void {
    this.spend(1);
    const segment = search.segments[index];
    if (segment === undefined) {
      search.found.push(value);
      return;
    }
    const onward = (next: Json): void => this.#walk(search, index + 1, next);
    const isLast = index === search.segments.length - 1;
    if (segment.kind === 'names') selectNames(segment.names, value, isLast, onward);
    else if (segment.kind === 'descend') this.#descend(search, index + 1, value);
    else if (segment.kind === 'filter') this.#filter(segment.test, value, onward);
    else selectChildren(segment, value, onward);
  }

  /** Applies the rest of the path to a value and to everything inside it. */
  #descend(search: Search, index: number, value: Json): void {
    this.spend(1);
    const segment = search.segments[index];
    if (segment?.kind === 'filter') {
      // A filter after `..` judges each object itself, not its members.
      if (isJsonObject(value) && segment.test(value, this)) this.#walk(search, index + 1, value);
    } else {
      this.#walk(search, index, value);
    }
    forEachChild(value, (child) => this.#descend(search, index, child));
  }

  #filter(test: (item: Json, session: Session) => boolean, value: Json, onward: (next: Json) => void): void {
    if (Array.isArray(value)) {
      for (const item of value) if (test(item, this)) onward(item);
    } else if (isJsonObject(value) && test(value, this)) onward(value);
  }
}

interface Search {
  readonly segments: readonly Segment[];
  readonly found: Json[];
}

function selectNames(names: readonly string[], value: Json, isLast: boolean, onward: (next: Json) => void): void {
  if (!isJsonObject(value)) return;
  // Several names at the end of a path give one object of those members; before the end each goes on alone.
  if (names.length > 1 && isLast) {
    onward(pick(names, value));
    return;
  }
  for (const name of names) {
    const next = member(value, name);
    if (next !== undefined) onward(next);
  }
}

function pick(names: readonly string[], value: JsonObject): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) {
    const next = member(value, name);
    if (next !== undefined) setMember(picked, name, next);
  }
  return picked;
}

function selectChildren(segment: Segment, value: Json, onward: (next: Json) => void): void {
  if (segment.kind === 'wildcard') forEachChild(value, onward);
  else if (segment.kind === 'length') onward(lengthOf(value));
  else if (Array.isArray(value)) for (const item of itemsOf(segment, value)) onward(item);
}

function itemsOf(segment: Segment, items: readonly Json[]): Json[] {
  if (segment.kind === 'slice') return items.slice(segment.from, segment.to);
  if (segment.kind !== 'indexes') return [];
  return segment.indexes.map((index) => items.at(index)).filter((item) => item !== undefined);
}

function lengthOf(value: Json): Json {
  if (isJsonObject(value)) return Object.keys(value).length;
  return Array.isArray(value) ? value.length : null;
}

function forEachChild(value: Json, visit: (child: Json) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item);
  else if (isJsonObject(value)) for (const name of Object.keys(value)) visit(value[name] ?? null);
}
