import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergePatch } from '../../api/merge-patch.ts';
import { type Json, JsonError } from '../../schemas/json.ts';

describe('a merge patch', () => {
  // RFC 7386, appendix A.
  test.each<[target: Json, patch: Json, result: Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j gives %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  test('reaches no prototype', () => {
    const patch = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":null}}') as Json;
    const merged = mergePatch({}, patch);
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":1},"constructor":{}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(mergePatch(merged, JSON.parse('{"__proto__":null}') as Json))).toBe('{"constructor":{}}');
  });

  test('that is nested too deep is refused', () => {
    const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as Json;
    expect(mergePatch(null, nested(1000))).toEqual(nested(1000));
    expect(() => mergePatch(null, nested(1001))).toThrow(JsonError);
  });

  test('changes neither of the two, and the same again changes nothing', () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const texts = [JSON.stringify(target), JSON.stringify(patch)];
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect([JSON.stringify(target), JSON.stringify(patch)]).toEqual(texts);
      }),
    );
  });
});
