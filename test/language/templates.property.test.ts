import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import type { Json } from '../../schemas/json.ts';
import { flawless, scopeOf } from './support.ts';

const fill = (template: Json, input: Json) =>
  jsonPath.template({ ItemSelector: template }, 'ItemSelector', flawless)(scopeOf(input));

describe('laws of templates', () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
  const hasComputed = (value: Json): boolean => JSON.stringify(value).includes('.$"');

  test('a template without computed members is its own value', () => {
    fc.assert(
      fc.property(json, json, (template, input) => {
        fc.pre(!hasComputed(template));
        expect(fill(template, input)).toBe(template);
      }),
    );
  });

  test('a member computed from $ is the input, wherever it stands', () => {
    fc.assert(
      fc.property(json, fc.array(fc.oneof(fc.constant('list'), fc.string()), { maxLength: 5 }), (input, names) => {
        fc.pre(names.every((name) => !name.endsWith('.$')));
        let template: Json = { 'x.$': '$' };
        let expected: Json = { x: input };
        for (const name of names) {
          template = name === 'list' ? [template] : JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(template)}}`);
          expected = name === 'list' ? [expected] : JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(expected)}}`);
        }
        expect(JSON.stringify(fill(template, input))).toBe(JSON.stringify(expected));
      }),
    );
  });
});
