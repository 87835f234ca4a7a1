import fc from 'fast-check';
import { JSONPath } from 'jsonpath-plus';
import { describe, expect, test } from 'vitest';
import { jsonPath } from '../../engine/query/jsonpath/language.ts';
import { compilePath } from '../../engine/query/jsonpath/path.ts';
import { collecting, scopeOf } from './support.ts';

describe('the grammar of paths', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(null, true, 1, 'x'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const step = fc.oneof(
    name.map((text) => `['${text}']`),
    name.map((text) => `.${text}`),
    fc.constantFrom('[0]', '[1]', '[*]', '.*', '..a', '..*', '..b', '[1:]', '[:1]', '[-1:]'),
  );
  const indefinite = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => `$${steps.join('')}[*]`);

  test('finds what another implementation finds', () => {
    fc.assert(
      fc.property(json, indefinite, (document, path) => {
        const expected = JSONPath({ path, json: document as object, eval: false, wrap: true, resultType: 'value' });
        expect(compilePath(path).find(scopeOf(document as never))).toEqual(expected ?? []);
      }),
      { numRuns: 2000 },
    );
  });

  test('never throws anything but a fault on any text', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '$',
        '.',
        '..',
        '[',
        ']',
        '(',
        ')',
        '?',
        '@',
        "'",
        '"',
        '*',
        ',',
        ':',
        '-',
        '1',
        'a',
        ' ',
        '==',
        '&&',
        '!',
        '/',
        '\\',
      ),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const { at } = collecting();
        jsonPath.dataFlow({ InputPath: `$${parts.join('')}` }, at);
      }),
      { numRuns: 5000 },
    );
  });
});
