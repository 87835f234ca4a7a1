import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBearer, matchesPattern, parseBearer } from '../../schemas/access-key.ts';

const SECRET = `${'aB3'.repeat(13)}x`;

describe('a pattern', () => {
  test.each([
    ['arn:aws:states:us-east-1:1:activity:a', 'arn:aws:states:us-east-1:1:activity:a', true],
    ['arn:aws:states:us-east-1:1:activity:a', 'arn:aws:states:us-east-1:1:activity:ab', false],
    ['arn:aws:states:*:*:activity:email-*', 'arn:aws:states:eu-west-1:1:activity:email-send', true],
    ['arn:aws:states:*:*:activity:email-*', 'arn:aws:states:eu-west-1:1:activity:sms', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*b', 'ab', false],
    ['', 'a', false],
  ])('%s against %s: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  test('stands for what a regular expression says', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(short, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
        const naive = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        expect(matchesPattern(pattern, text)).toBe(naive.test(text));
      }),
    );
  });
});

describe('a bearer token', () => {
  test('is an id, a dot and a secret', () => {
    const id = 'SYAKQ2M5W8E1R7T4Y9U3';
    expect(parseBearer(formatBearer(id, SECRET))).toEqual({ id, secret: SECRET });
  });

  test.each([
    '',
    '.',
    SECRET,
    `AKIAQ2M5W8E1R7T4Y9U3.${SECRET}`,
    `SYAKQ2M5W8E1R7T4Y9U3.${SECRET}x`,
    `SYAKq2m5w8e1r7t4y9u3.${SECRET}`,
  ])('%j is none', (text) => expect(parseBearer(text)).toBeUndefined());
});
