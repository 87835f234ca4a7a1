import { ERROR, StatesError } from '../../../schemas/errors.ts';
import { isJsonObject, type Json, member } from '../../../schemas/json.ts';
import type { Field } from '../../query/query-language.ts';
import type { MapItem } from '../execution.ts';
import { INLINE_MAP_CONCURRENCY } from '../limits.ts';
import type { StateKind } from './state-kind.ts';

/** ASL "Map State", inline: runs its processor once per item; its result is the list of the outputs. */
export const map: StateKind = ({ state, at, query, inner }) => {
  const items = query.items(state, at);
  const maxConcurrency = query.field(state, 'MaxConcurrency', at);
  // Iterator with Parameters is the older spelling of ItemProcessor with ItemSelector.
  const selectorName = ['ItemSelector', 'Parameters'].find((name) => member(state, name) !== undefined);
  const selector = selectorName && query.template(state, selectorName, at);
  const processor = inner[0] ?? '';
  return {
    enter: async (visit) => {
      const limit = maxConcurrency ? concurrencyOf(maxConcurrency, await maxConcurrency.evaluate(visit.scope)) : 0;
      const list = itemsOf(items, await items.evaluate(visit.scope));
      return {
        type: 'fork',
        fork: { kind: 'Map', scope: processor, items: list, maxConcurrency: limit || INLINE_MAP_CONCURRENCY },
      };
    },
    iterationInput: (scope, item) => (selector ? selector(scope) : item.value),
  };
};

function itemsOf(field: Field, found: Json): MapItem[] {
  if (Array.isArray(found)) return found.map((value, index) => ({ index, value }));
  if (isJsonObject(found)) return Object.entries(found).map(([key, value], index) => ({ index, value, key }));
  const source = field.source === undefined ? field.name : `path '${field.source}'`;
  throw new StatesError(
    ERROR.runtime,
    `Reference ${source} must point to array or object. Found: ${JSON.stringify(found)}`,
  );
}

function concurrencyOf(field: Field, value: Json): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new StatesError(
    ERROR.runtime,
    `The ${field.name} field must be a non-negative integer: ${field.source} == ${JSON.stringify(value)}`,
  );
}
