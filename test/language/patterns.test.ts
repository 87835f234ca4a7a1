import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../engine/query/jsonpath/pattern.ts';
import { SyntaxFault } from '../../engine/query/jsonpath/scanner.ts';
import { matching, refused } from './patterns.cases.ts';

const matches = (pattern: string, text: string, flags = '') => compilePattern(pattern, flags)(text, () => {});

describe('the regular expressions of filters', () => {
  test.each(matching)('/%s/%s on %j: %s', (pattern, flags, text, expected) => {
    expect(matches(pattern, text, flags)).toBe(expected);
  });

  test.each(refused.map((pattern) => ({ title: pattern.slice(0, 20), pattern })))(
    '/$title/ is refused',
    ({ pattern }) => {
      expect(() => compilePattern(pattern, '')).toThrow(SyntaxFault);
    },
  );

  test('agree with those of JavaScript', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '(a|b)', '(ab|)', '(?:a|bb)');
    const part = fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{1,2}')).map((parts) => parts.join(''));
    const pattern = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
    const alternatives = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|'));
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(alternatives, text, (source, value) => {
        expect(matches(source, value)).toBe(new RegExp(`^(?:${source})$`).test(value));
      }),
      { numRuns: 3000 },
    );
  });
});
