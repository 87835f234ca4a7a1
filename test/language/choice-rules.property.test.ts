import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import { compileTextMatch } from '../../engine/query/jsonpath/text-match.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { comparisons } from './choice-rules.cases.ts';
import { flawless, scopeOf } from './support.ts';

const holds = (rule: JsonObject, input: Json) => jsonPath.condition(rule, flawless)(scopeOf(input));

describe('laws of choice rules', () => {
  const json = fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>;
  const comparison = fc
    .constantFrom(...comparisons)
    .map(([operator, operand]) => ({ Variable: '$.v', [operator]: operand }));
  const rule = fc.letrec<{ rule: JsonObject }>((tie) => ({
    rule: fc.oneof(
      { depthSize: 'small' },
      comparison,
      fc.record({ Not: tie('rule') }),
      fc.record({ And: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ Or: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    ),
  })).rule as fc.Arbitrary<JsonObject>;

  test('Not twice changes nothing', () => {
    fc.assert(
      fc.property(rule, json, (r, v) => {
        expect(holds({ Not: { Not: r } }, { v })).toBe(holds(r, { v }));
      }),
    );
  });

  test('And is every, Or is some, and each is the other of what is not', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), json, (rules, v) => {
        const each = rules.map((r) => holds(r, { v }));
        expect(holds({ And: rules }, { v })).toBe(each.every(Boolean));
        expect(holds({ Or: rules }, { v })).toBe(each.some(Boolean));
        expect(holds({ Not: { And: rules } }, { v })).toBe(holds({ Or: rules.map((r) => ({ Not: r })) }, { v }));
      }),
    );
  });

  test('one of less, equal and greater holds between two of a kind', () => {
    const pair = fc.oneof(
      fc.tuple(fc.constant('Numeric'), fc.double({ noNaN: true }), fc.double({ noNaN: true })),
      fc.tuple(fc.constant('String'), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
    );
    fc.assert(
      fc.property(pair, ([kind, left, right]) => {
        const orders = ['LessThan', 'Equals', 'GreaterThan'].map((order) =>
          holds({ Variable: '$.v', [`${kind}${order}`]: right }, { v: left }),
        );
        expect(orders.filter(Boolean)).toHaveLength(1);
        expect(holds({ Variable: '$.v', [`${kind}LessThanEquals`]: right }, { v: left })).toBe(orders[0] || orders[1]);
      }),
    );
  });

  test('StringMatches agrees with trying everything', () => {
    const matches = (pattern: readonly string[], text: string): boolean => {
      const [first, ...rest] = pattern;
      if (first === undefined) return text === '';
      if (first !== '*') return text.startsWith(first.slice(-1)) && matches(rest, text.slice(1));
      return Array.from({ length: text.length + 1 }, (_, skip) => skip).some((skip) => matches(rest, text.slice(skip)));
    };
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '\\*', '\\\\'), { maxLength: 8 });
    const text = fc.array(fc.constantFrom('a', 'b', '*', '\\'), { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (parts, value) => {
        expect(compileTextMatch(parts.join(''))(value)).toBe(matches(parts, value));
      }),
      { numRuns: 3000 },
    );
  });
});
