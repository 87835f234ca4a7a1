import { ERROR, StatesError } from '../../../schemas/errors.ts';
import type { Json } from '../../../schemas/json.ts';
import { COST_OF_NAME } from './json-values.ts';
import type { Segment, Session } from './path-syntax.ts';
import { TOO_EXPENSIVE } from './wording.ts';

// What jsonpath-plus does per value, measured, in units of roughly 50 ns.
const CALL = 24;
const VISIT = 6;
const PASSED = 0.1;
const TRIED = 3;
const TRIED_IN_UNION = 10;
const FOUND = 5;
const FOUND_IN_SLICE = 7;
/** It copies the way to each value that it looks at, and each result once per level on the way back. */
const LEVELS_AT_DOUBLE_COST = 24;

/** It calls itself several times per level, and a stack may end at some 800; how soon depends on what runs already. */
const MAX_LEVELS = 200;

/** A segment that finds children, all or by position, as jsonpath-plus reads it. */
export interface Selector {
  readonly text: string;
  /** Whether it finds nothing in objects. */
  readonly arraysOnly: boolean;
  /** What it costs to select from so many children, which may be none. */
  cost(size: number): number;
}

/** `..` alone finds all that is inside a value but its texts, numbers, true and false. */
export const CONTAINERS: Selector = { text: '', arraysOnly: false, cost: () => 0 };

/** The text of a segment for jsonpath-plus, made from numbers and signs only, and its cost. */
export function selectorOf(segment: Extract<Segment, { kind: 'wildcard' | 'slice' | 'indexes' }>): Selector {
  if (segment.kind === 'wildcard') return { text: '[*]', arraysOnly: false, cost: (size) => size * FOUND };
  if (segment.kind === 'slice') {
    const { from, to } = segment;
    return {
      text: `[${from ?? ''}:${to ?? ''}]`,
      arraysOnly: true,
      cost: (size) => TRIED + sliceLength(from ?? 0, to ?? size, size) * FOUND_IN_SLICE,
    };
  }
  // An index would also find the member of an object that is called so; a slice of one item finds only items.
  const slices = segment.indexes.map((index) => `${index}:${index === -1 ? '' : index + 1}`);
  const tried = slices.length > 1 ? TRIED_IN_UNION : TRIED;
  return {
    text: `[${slices.join()}]`,
    arraysOnly: true,
    cost: (size) => slices.length * (size === 0 ? tried : tried + FOUND),
  };
}

function sliceLength(from: number, to: number, size: number): number {
  const position = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  return Math.max(position(to) - position(from), 0);
}

/** Pays for one selection before it is made. */
export function spendSelection(value: Json, selector: Selector, session: Session): void {
  const { children, cost } = childrenOf(value);
  session.spend(CALL + cost + selector.cost(children.length));
}

/**
 * Pays, before it begins, for a walk through all that is inside a value, and for what is selected on the way.
 *
 * @throws StatesError also when the value is too deep
 */
export function spendScan(value: Json, selector: Selector, session: Session): void {
  session.spend(CALL);
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_LEVELS) throw new StatesError(ERROR.runtime, TOO_EXPENSIVE);
    const factor = 1 + depth / LEVELS_AT_DOUBLE_COST;
    const below: Json[] = [];
    for (const container of level) {
      const { children, cost } = childrenOf(container);
      const selectable = selector.arraysOnly && !Array.isArray(container) ? 0 : children.length;
      session.spend((VISIT + children.length * PASSED + cost + selector.cost(selectable)) * factor);
      for (const child of children.filter(isContainer)) below.push(child);
    }
    level = below;
  }
}

/** Whether `..` looks into a value: null too. */
const isContainer = (value: Json): boolean => typeof value === 'object';

/** The values directly inside a value, and what it costs to list them. */
function childrenOf(value: Json): { readonly children: readonly Json[]; readonly cost: number } {
  if (Array.isArray(value)) return { children: value, cost: 0 };
  if (typeof value !== 'object' || value === null) return { children: [], cost: 0 };
  const children = Object.values(value);
  return { children, cost: children.length * COST_OF_NAME };
}
