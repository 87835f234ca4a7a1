import { isJsonObject, type Json } from '../../../schemas/json.ts';
import { COST_OF_NAME, equalJson } from './json-values.ts';
import type { Session } from './path-syntax.ts';
import type { Pattern } from './pattern.ts';

type Side = Json | Pattern | undefined;
export type FilterOperator = (left: Side, right: Side, session: Session) => boolean;

/** Characters of a text that may still be compared with a number. */
const MAX_NUMBER = 400;

/** A number equals a text that spells it, in either order, as in Jayway JsonPath. */
function equal(left: Side, right: Side, session: Session): boolean {
  session.spend(1);
  if (left === undefined || right === undefined) return left === right;
  if (typeof left === 'function' || typeof right === 'function') return false;
  if (typeof left === 'number' && typeof right === 'string') {
    // No number needs so many characters; reading more of them takes long.
    return right.length <= MAX_NUMBER && right.trim() !== '' && Number(right) === left;
  }
  if (typeof left === 'string' && typeof right === 'number') return left === String(right);
  return equalJson(left, right, (cost) => session.spend(cost));
}

const ordered =
  (holds: (left: number | string, right: number | string) => boolean): FilterOperator =>
  (left, right, session) => {
    if (typeof left === 'number' && typeof right === 'number') return holds(left, right);
    if (typeof left !== 'string' || typeof right !== 'string') return false;
    session.spend(Math.min(left.length, right.length) >> 6);
    return holds(left, right);
  };

const listed: FilterOperator = (left, right, session) =>
  Array.isArray(right) && right.some((item) => equal(left, item, session));

const contains: FilterOperator = (left, right, session) => {
  if (typeof left === 'string' && typeof right === 'string') {
    session.spend(left.length >> 4);
    return left.includes(right);
  }
  return Array.isArray(left) && left.some((item) => equal(item, right, session));
};

/** The whole text must match, as Java's `matches` asks. */
const matches: FilterOperator = (left, right, session) => {
  if (typeof right !== 'function') return false;
  if (typeof left !== 'string' && typeof left !== 'number' && typeof left !== 'boolean') return false;
  return right(String(left), (cost) => session.spend(cost));
};

function sizeOf(value: Side, session: Session): number | undefined {
  if (Array.isArray(value) || typeof value === 'string') return value.length;
  if (!isJsonObject(value)) return undefined;
  const { length } = Object.keys(value);
  session.spend(length * COST_OF_NAME);
  return length;
}

const hasSize: FilterOperator = (left, right, session) => {
  const size = sizeOf(left, session);
  return size !== undefined && size === right;
};

const isEmpty: FilterOperator = (left, right, session) => {
  const size = sizeOf(left, session);
  return size !== undefined && (size === 0) === right;
};

const not =
  (operator: FilterOperator): FilterOperator =>
  (left, right, session) =>
    !operator(left, right, session);

/** The operators of filters, by how they are written. */
export const filterOperators: ReadonlyMap<string, FilterOperator> = new Map<string, FilterOperator>([
  ['==', equal],
  ['===', equal],
  ['!=', not(equal)],
  ['!==', not(equal)],
  ['<', ordered((left, right) => left < right)],
  ['<=', ordered((left, right) => left <= right)],
  ['>', ordered((left, right) => left > right)],
  ['>=', ordered((left, right) => left >= right)],
  ['=~', matches],
  ['in', listed],
  ['nin', not(listed)],
  ['contains', contains],
  ['size', hasSize],
  ['empty', isEmpty],
]);
