import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../schemas/json.ts';
import { evaluate } from './support.ts';

describe('intrinsic functions and simple models of them', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  const list = fc.array(json, { maxLength: 12 });

  test('Base64Encode is that of Node, and Base64Decode takes it back', () => {
    fc.assert(
      fc.property(text, (value) => {
        const encoded = evaluate('States.Base64Encode($)', value);
        expect(encoded).toBe(Buffer.from(value).toString('base64'));
        expect(evaluate('States.Base64Decode($)', encoded ?? null)).toBe(value);
      }),
    );
  });

  test('Hash is that of Node', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'), (value, algorithm) => {
        const expected = createHash(algorithm.replace('SHA-', 'sha')).update(value).digest('hex');
        expect(evaluate(`States.Hash($, '${algorithm}')`, value)).toBe(expected);
      }),
    );
  });

  test('StringToJson takes back what JsonToString made', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(evaluate('States.StringToJson(States.JsonToString($))', value)).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  test('the parts of ArrayPartition are as long as asked and make the whole', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 15 }), (items, size) => {
        const parts = evaluate('States.ArrayPartition($.items, $.size)', { items, size }) as Json[][];
        expect(parts.flat(1)).toEqual(items);
        expect(parts.slice(0, -1).every((part) => part.length === size)).toBe(true);
      }),
    );
  });

  test('ArrayContains and ArrayUnique agree on what is equal', () => {
    fc.assert(
      fc.property(list, json, (items, value) => {
        const isIn = evaluate('States.ArrayContains($.items, $.value)', { items, value });
        const before = evaluate('States.ArrayLength(States.ArrayUnique($))', items) as number;
        const after = evaluate('States.ArrayLength(States.ArrayUnique($))', [...items, value]) as number;
        expect(after - before).toBe(isIn ? 0 : 1);
      }),
    );
  });

  test('StringSplit leaves nothing empty and nothing that splits', () => {
    fc.assert(
      fc.property(text, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), (value, splitter) => {
        const expected = [...value]
          .map((character) => ([...splitter].includes(character) ? '\u0000split' : character))
          .join('')
          .split('\u0000split')
          .filter((part) => part !== '');
        expect(evaluate('States.StringSplit($.v, $.s)', { v: value, s: splitter })).toEqual(expected);
      }),
    );
  });

  test('ArrayRange counts from start to end', () => {
    const bound = fc.integer({ min: -300, max: 300 });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: -9, max: 9 }), (start, end, step) => {
        fc.pre(step !== 0);
        const expected: number[] = [];
        for (let n = start; step > 0 ? n <= end : n >= end; n += step) expected.push(n);
        expect(evaluate('States.ArrayRange($.a, $.b, $.s)', { a: start, b: end, s: step })).toEqual(expected);
      }),
    );
  });

  test('MathRandom stays in its range and repeats itself with a seed', () => {
    const bound = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(bound, bound, fc.integer(), (start, end, seed) => {
        fc.pre(start < end);
        const drawn = evaluate('States.MathRandom($.a, $.b, $.s)', { a: start, b: end, s: seed }) as number;
        expect(Number.isInteger(drawn) && drawn >= start && drawn < end).toBe(true);
        expect(evaluate('States.MathRandom($.a, $.b, $.s)', { a: start, b: end, s: seed })).toBe(drawn);
      }),
    );
  });
});
