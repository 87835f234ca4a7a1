import type { Expression } from 'jsonata';
import { TOO_LARGE } from './wording.ts';

/** An evaluation used more room than it may. */
export class MemoryExceeded extends Error {}

/** The largest value that an expression may build, roughly as JSON text. Measured on AWS. */
export const MAX_VALUE = 6_990_256;

declare module 'jsonata' {
  interface Expression {
    /** The library looks its hooks up by symbols. */
    assign(name: symbol, value: unknown): void;
  }
}

/**
 * Makes every value that an expression builds on its way stay below {@link MAX_VALUE}. A thread's own limits are not enough: a single
 * allocation beyond them, as of the characters of a text that was doubled thirty times, takes the whole process with it.
 *
 * @param writes whether the expression has transforms, which change values after they were counted
 */
export function limitRoom(expression: Expression, writes: boolean): void {
  const counted: Counted = new WeakMap();
  const leave = (_node: unknown, _input: unknown, _environment: unknown, value: unknown): void => {
    checkLength(sizeOf(value, writes ? new WeakMap() : counted));
  };
  expression.assign(Symbol.for('jsonata.__evaluate_exit'), leave);
}

/** @throws MemoryExceeded */
export function checkLength(length: number): void {
  if (!(length <= MAX_VALUE)) throw new MemoryExceeded(TOO_LARGE);
}

/** Sizes that have been counted: what a value is made of has mostly been counted before it was made. Lists can grow. */
type Counted = WeakMap<object, { readonly size: number; readonly length: number }>;

/** What a value would take as JSON text, roughly, counting what it repeats as often as it does. */
export function sizeOf(value: unknown, counted: Counted = new WeakMap()): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  const length = Array.isArray(value) ? value.length : 0;
  const known = counted.get(value);
  if (known?.length === length) return known.size;
  const size = Array.isArray(value) ? itemsSize(value, counted) : membersSize(value, counted);
  counted.set(value, { size, length });
  return size;
}

function itemsSize(items: readonly unknown[], counted: Counted): number {
  let size = 0;
  for (const item of items) {
    size += sizeOf(item, counted);
    if (size > MAX_VALUE) break;
  }
  return size;
}

function membersSize(value: object, counted: Counted): number {
  // The parts of a function are no values of the expression.
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) return 8;
  let size = 2;
  for (const [name, member] of Object.entries(value)) {
    size += name.length + 4 + sizeOf(member, counted);
    if (size > MAX_VALUE) break;
  }
  return size;
}

/** How deep the brackets of a value are. */
export function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, inner) => Math.max(deepest, depthOf(inner)), 0);
}
