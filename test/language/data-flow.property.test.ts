import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import type { Json } from '../../schemas/json.ts';
import { flawless, scopeOf } from './support.ts';

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
const name = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString', 'length', '0', ''),
  fc.string({ maxLength: 8 }),
);
const names = fc.array(name, { minLength: 1, maxLength: 5 });
const object = fc.dictionary(name, json) as fc.Arbitrary<Json>;
const pathOf = (steps: string[]): string => `$${steps.map((step) => `['${step}']`).join('')}`;
const isPlain = (steps: string[]): boolean => steps.every((step) => !/['\\]/.test(step));

/** Writes through a path and reads it back; undefined when the input does not let the path in. */
function writeAndRead(path: string, input: Json, value: Json): Json | undefined {
  try {
    const output = jsonPath.dataFlow({ ResultPath: path }, flawless).output(scopeOf(input), value) as Json;
    return jsonPath.dataFlow({ InputPath: path }, flawless).input(scopeOf(output)) as Json;
  } catch {
    return undefined;
  }
}

test('what ResultPath writes, a path reads back, and nothing else changes', () => {
  fc.assert(
    fc.property(object, names.filter(isPlain), json, (input, steps, value) => {
      const before = JSON.stringify(input);
      const read = writeAndRead(pathOf(steps), input, value);
      fc.pre(read !== undefined);
      expect(read).toEqual(value);
      expect(JSON.stringify(input)).toBe(before);
    }),
  );
});

test('any path of names can be written into an empty object', () => {
  fc.assert(
    fc.property(names.filter(isPlain), json, (steps, value) => {
      expect(writeAndRead(pathOf(steps), {}, value)).toEqual(value);
    }),
  );
});

test('nothing inherited is ever found or changed', () => {
  fc.assert(
    fc.property(names.filter(isPlain), (steps) => {
      const flow = jsonPath.dataFlow({ InputPath: pathOf(steps) }, flawless);
      expect(() => flow.input(scopeOf({}))).toThrow('Invalid path');
      writeAndRead(pathOf(steps), {}, 1);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
  );
});
