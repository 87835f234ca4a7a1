import { ERROR, StatesError } from '../../../schemas/errors.ts';
import { isJsonObject, type Json, type JsonObject, member, setMember } from '../../../schemas/json.ts';
import { evaluatorOf, filterItems } from './evaluator.ts';
import { COST_OF_NAME } from './json-values.ts';
import type { FilterTest, Segment, Session } from './path-syntax.ts';
import { CONTAINERS, type Selector, selectorOf, spendScan, spendSelection } from './selector.ts';
import { guardSize, HARMLESS_COPIES } from './size-guard.ts';
import { TOO_EXPENSIVE } from './wording.ts';

/** What one evaluation may cost, in units of roughly 50 ns. A payload of 256 KiB has at most 128 Ki values. */
const BUDGET = 1_000_000;

/** Compiled segments: all values that they find, in Jayway's order: depth first, a value before what is inside it. */
export type Query = (from: Json, session: Session) => Json[];

/**
 * All values that a query finds in a document.
 *
 * @throws StatesError when that would take too long or the values are too large together
 */
export function selectAll(query: Query, from: Json): Json[] {
  const found = query(from, new Evaluation(from));
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
}

/** From a value to what one segment finds there. */
type Stage = (value: Json, session: Session, found: Json[]) => void;

/** Compiles segments to stages, each of which works on what the one before it has found. */
export function compileQuery(segments: readonly Segment[]): Query {
  const stages = segments.flatMap(stagesOf);
  return (from, session) => {
    let values = [from];
    for (const stage of stages) {
      session.spend(values.length);
      const found: Json[] = [];
      for (const value of values) stage(value, session, found);
      values = found;
    }
    return values;
  };
}

/**
 * jsonpath-plus evaluates `*`, slices, several indexes, `..` and filters over items. Steps of our own are
 * - a name and a single index: direct access, as in reference paths. By name, jsonpath-plus would also find the
 *   `length` and the positions of arrays and texts, and an index would find a member of an object;
 * - several names: the same; at the end of a path Jayway makes one object of them;
 * - a filter on an object: Jayway judges the object, jsonpath-plus each of its members;
 * - `length()`, which jsonpath-plus does not have.
 * It also takes the segment after `*` for a name when the data has such a name, so none is handed over with `*`.
 */
function stagesOf(segment: Segment, index: number, segments: readonly Segment[]): Stage[] {
  const scans = segments[index - 1]?.kind === 'descend';
  const after = (stage: Stage): Stage[] => (scans ? [scanned(CONTAINERS), stage] : [stage]);
  switch (segment.kind) {
    case 'descend':
      return [];
    case 'wildcard':
    case 'slice':
      return [scans ? scanned(selectorOf(segment)) : selected(selectorOf(segment))];
    case 'indexes':
      if (scans) return [scanned(selectorOf(segment))];
      return [segment.indexes.length === 1 ? indexed(segment.indexes[0] ?? 0) : selected(selectorOf(segment))];
    case 'names':
      return after(segment.names.length > 1 && index === segments.length - 1 ? picked(segment.names) : named(segment));
    case 'filter':
      return after(scans ? judged(segment.test) : filtered(segment.test));
    case 'length':
      // Jayway's scan stops nowhere for a function.
      return [scans ? nothing : measured];
    case 'nothing':
      return [nothing];
  }
}

/** Evaluated on a value. */
function selected(selector: Selector): Stage {
  const select = evaluatorOf(`$${selector.text}`);
  return (value, session, found) => {
    if (!Array.isArray(value) && (selector.arraysOnly || !isJsonObject(value))) return;
    spendSelection(value, selector, session);
    append(found, select(value));
  };
}

/** Evaluated on a value and everything inside it. */
function scanned(selector: Selector): Stage {
  const select = evaluatorOf(`$..${selector.text}`);
  return (value, session, found) => {
    if (typeof value !== 'object' || value === null) return;
    spendScan(value, selector, session);
    append(found, select(value));
  };
}

const filtered = (test: FilterTest): Stage => {
  const own = judged(test);
  return (value, session, found) => {
    if (!Array.isArray(value)) return own(value, session, found);
    spendSelection(value, FILTER, session);
    append(
      found,
      filterItems(value, (item) => test(item, session)),
    );
  };
};

const FILTER: Selector = selectorOf({ kind: 'wildcard' });

const judged =
  (test: FilterTest): Stage =>
  (value, session, found) => {
    if (isJsonObject(value) && test(value, session)) found.push(value);
  };

const indexed =
  (index: number): Stage =>
  (value, _, found) => {
    const item = Array.isArray(value) ? value.at(index) : undefined;
    if (item !== undefined) found.push(item);
  };

const named =
  ({ names }: { readonly names: readonly string[] }): Stage =>
  (value, session, found) => {
    if (!isJsonObject(value)) return;
    session.spend(names.length - 1);
    for (const name of names) {
      const next = member(value, name);
      if (next !== undefined) found.push(next);
    }
  };

const picked =
  (names: readonly string[]): Stage =>
  (value, session, found) => {
    if (!isJsonObject(value)) return;
    session.spend(names.length);
    found.push(pick(names, value));
  };

function pick(names: readonly string[], value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const name of names) {
    const next = member(value, name);
    if (next !== undefined) setMember(result, name, next);
  }
  return result;
}

const measured: Stage = (value, session, found) => {
  found.push(lengthOf(value, session));
};

function lengthOf(value: Json, session: Session): Json {
  if (Array.isArray(value)) return value.length;
  if (!isJsonObject(value)) return null;
  const { length } = Object.keys(value);
  session.spend(length * COST_OF_NAME);
  return length;
}

const nothing: Stage = () => {};

function append(found: Json[], more: readonly Json[]): void {
  for (const value of more) found.push(value);
}
