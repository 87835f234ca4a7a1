import { describe, expect, test } from 'vitest';
import { createAttributeReader } from '../../engine/runtime/search-attributes.ts';

const { read, complaint } = createAttributeReader();

describe('search attributes', () => {
  test.each([
    ['texts', '{"order":{"id":"A-1"}}', 'A-1'],
    ['empty texts', '{"order":{"id":""}}', ''],
    ['integers', '{"order":{"id":42}}', '42'],
    ['fractions', '{"order":{"id":0.5}}', '0.5'],
    ['booleans', '{"order":{"id":false}}', 'false'],
    ['texts of 256 characters', `{"order":{"id":"${'x'.repeat(256)}"}}`, 'x'.repeat(256)],
  ])('are %s', (_what, input, expected) => {
    expect(read({ orderId: '$.order.id' }, input)).toEqual({ orderId: expected });
  });

  test.each([
    ['objects', '{"order":{"id":{}}}'],
    ['lists', '{"order":{"id":[1]}}'],
    ['null', '{"order":{"id":null}}'],
    ['texts of 257 characters', `{"order":{"id":"${'x'.repeat(257)}"}}`],
    ['nothing', '{"order":{}}'],
    ['nothing on the way', '[]'],
    ['what prototypes have', '{"order":"text"}'],
  ])('are not %s', (_what, input) => {
    expect(read({ orderId: '$.order.id', name: '$.constructor.name' }, input)).toEqual({});
  });

  test('come from members, items and the input itself', () => {
    const paths = { first: '$[0]', last: "$[-1]['a b']", size: '$.length', whole: '$' };
    expect(read(paths, '[1,{"a b":true}]')).toEqual({ first: '1', last: 'true' });
    expect(read(paths, '"all"')).toEqual({ whole: 'all' });
  });

  test('have values under any name', () => {
    expect(read({ constructor: '$.a', toString: '$.b' }, '{"a":1}')).toEqual({ constructor: '1' });
  });

  test('are read by more paths than are remembered', () => {
    for (let index = 0; index < 1100; index += 1) {
      expect(read({ a: `$.m${index}` }, `{"m${index}":1}`)).toEqual({ a: '1' });
    }
  });

  test('may be asked for by name and reference path', () => {
    expect(complaint({})).toBeUndefined();
    expect(complaint({ orderId: '$.order.id', a: '$', 'A-1_b': "$['x y'][0]", constructor: '$.c' })).toBeUndefined();
  });

  test.each(['', '1a', 'a b', 'a.b', '__proto__', 'ä', 'x'.repeat(65)])('are not named %j', (name) => {
    expect(complaint(Object.fromEntries([[name, '$.a']]))).toMatch(`The search attribute '${name}' must have a name`);
  });

  test.each([
    '',
    'order',
    '$.',
    '$..a',
    '$.a[*]',
    '$.a[0:2]',
    '$.a[?(@.b)]',
    '$$.Execution.Id',
    '$variable',
    '$.a.length()',
  ])('are not at %j', (path) => {
    expect(complaint({ a: path })).toMatch(`The search attribute 'a' must have a reference path into the input`);
    expect(read({ a: path }, '{"a":[{"b":1}]}')).toEqual({});
  });

  test('are twenty at most, and their paths not endless', () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, '$.a']));
    expect(complaint(many)).toBe('A state machine has at most 20 search attributes, not 21.');
    expect(complaint({ a: `$.${'x'.repeat(1000)}` })).toMatch('must have a reference path');
  });
});
