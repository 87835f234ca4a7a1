import { describe, expect, test } from 'vitest';
import { compileMachine } from '../../engine/asl/compile.ts';
import { parseDefinition } from '../../engine/asl/parse.ts';
import { checkRules } from '../../engine/asl/rules/index.ts';
import { isTimestamp } from '../../schemas/asl/timestamp.ts';
import type { Definition } from '../../schemas/definition.ts';
import type { JsonObject } from '../../schemas/json.ts';
import { invoke, machine, mapOf, onlyState, problemsOf } from './machines.ts';

const chain = (length: number): JsonObject => {
  const states: JsonObject = {};
  for (let index = 0; index < length; index += 1) states[`s${index}`] = { Type: 'Pass', Next: `s${index + 1}` };
  return machine({ ...states, [`s${length}`]: { Type: 'Succeed' } });
};

describe('hostile definitions', () => {
  test.each([
    ['lists', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    [
      'states',
      `${'{"StartAt":"A","States":{"A":{"Type":"Map","ItemProcessor":'.repeat(10_000)}1${'}}}'.repeat(10_000)}`,
    ],
  ])('10,000 levels of %s are refused', (_what, text) => {
    expect(parseDefinition(text).problems).toMatchObject([
      { code: 'INVALID_JSON_DESCRIPTION', message: 'Document nesting depth exceeds the maximum allowed (1000)' },
    ]);
  });

  test('10,000 levels that are never closed are refused', () => {
    expect(parseDefinition('['.repeat(10_000)).problems).toMatchObject([{ code: 'INVALID_JSON_DESCRIPTION' }]);
  });

  test('the deepest nesting of states that JSON may have is read and compiled', () => {
    let scope = machine({ Last: { Type: 'Succeed' } });
    for (let depth = 0; depth < 330; depth += 1) scope = machine({ [`m${depth}`]: mapOf({ ItemProcessor: scope }) });
    const { definition, problems } = parseDefinition(JSON.stringify(scope));
    expect(problems).toEqual([]);
    expect(compileMachine(definition as Definition, () => 0).machine.scopes.size).toBe(331);
  });

  test('a rule inside 900 others is read', () => {
    let rule: JsonObject = { Variable: '$', IsNull: 1 };
    for (let depth = 0; depth < 900; depth += 1) rule = { Not: rule };
    expect(problemsOf(onlyState({ Type: 'Choice', Choices: [{ ...rule, Next: 'S' }] }))).toEqual([
      `SCHEMA_VALIDATION_FAILED: Expected value of type [BOOLEAN] at /States/S/Choices[0]${'/Not'.repeat(900)}/IsNull`,
    ]);
  });

  test('a number that no double holds is refused', () => {
    const text = '{"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":1e999,"End":true}}}';
    expect(parseDefinition(text).problems).toMatchObject([
      { code: 'INVALID_JSON_DESCRIPTION', message: 'Number out of range' },
    ]);
  });

  test('a prototype is a name like others', () => {
    const text = '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","__proto__":{"End":true},"End":true}}}';
    expect(parseDefinition(text).problems.map(({ message, location }) => [message, location])).toEqual([
      ["Field '__proto__' is not supported", '/States/__proto__'],
    ]);
    expect(Object.prototype).not.toHaveProperty('End');
  });

  test.each([
    ['retriers', onlyState({ ...invoke, Retry: new Array(20_000).fill({}), End: true }), 1],
    [
      'fields',
      onlyState({ Type: 'Succeed', ...Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, 0])) }),
      1,
    ],
    ['branches', onlyState({ Type: 'Parallel', Branches: new Array(9_000).fill({}), End: true }), 1000],
    ['states', machine(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, {}]))), 1000],
    [
      'states that nothing leads to',
      machine(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, { Type: 'Succeed' }]))),
      1000,
    ],
  ])('of many faulty %s not all are told', (_what, definition, count) => {
    expect(problemsOf(definition).length).toBe(count);
  });
});

/** Counts how often an object and what is in it are read. */
function counting<T extends object>(target: T, count: { reads: number }): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      count.reads += 1;
      const value: unknown = Reflect.get(object, key, receiver);
      return typeof value === 'object' && value !== null ? counting(value, count) : value;
    },
  });
}

describe('the work for a definition grows with its length, not with its square', () => {
  const readsFor = (length: number, work: (definition: Definition) => void): number => {
    const { definition } = parseDefinition(JSON.stringify(chain(length)));
    const count = { reads: 0 };
    work(counting(definition as Definition, count));
    return count.reads;
  };

  test.each<readonly [name: string, work: (definition: Definition) => void]>([
    ['checking', (definition) => checkRules(definition, 'STANDARD')],
    ['compiling', (definition) => compileMachine(definition, () => 0)],
  ])('%s', (_name, work) => {
    const ratio = readsFor(400, work) / readsFor(200, work);
    expect(ratio).toBeGreaterThan(1.8);
    expect(ratio).toBeLessThan(2.2);
  });

  test('a definition of a megabyte is read', () => {
    const { definition } = parseDefinition(JSON.stringify(chain(25_000)));
    expect(compileMachine(definition as Definition, () => 0).machine.scopes.get('')?.nodes.size).toBe(25_001);
  });
});

describe('timestamps', () => {
  test.each([
    '2016-03-14T01:59:00Z',
    '2020-02-29T23:59:59+23:59',
    '2000-02-29T00:00:00.1Z',
    '0001-01-01T00:00:00-00:00',
    '2016-12-31T00:00:00.123456789Z',
  ])('%s is one', (text) => {
    expect(isTimestamp(text)).toBe(true);
  });

  test.each([
    '',
    '2016-03-14',
    '2016-03-14T01:59:00',
    '2016-03-14t01:59:00Z',
    '2016-03-14T01:59:00z',
    '2016-03-14 01:59:00Z',
    '2016-02-30T00:00:00Z',
    '2019-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2016-04-31T00:00:00Z',
    '2016-13-01T00:00:00Z',
    '2016-00-01T00:00:00Z',
    '2016-01-00T00:00:00Z',
    '2016-01-01T24:00:00Z',
    '2016-01-01T00:60:00Z',
    '2016-01-01T00:00:60Z',
    '2016-01-01T00:00:00.Z',
    '2016-01-01T00:00:00.1234567890Z',
    '2016-01-01T00:00:00+0100',
    ' 2016-01-01T00:00:00Z',
    '2016-01-01T00:00:00Z\n',
  ])('%j is none', (text) => {
    expect(isTimestamp(text)).toBe(false);
  });
});
