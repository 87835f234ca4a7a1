import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareTimestamps, parseTimestamp } from '../../engine/query/timestamp.ts';

describe('timestamps', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0, 0],
    ['1969-12-31T23:59:59.999Z', -1, 0],
    ['2016-03-14T01:59:00Z', 1457920740000, 0],
    ['2016-02-29T23:59:59.123456789Z', 1456790399123, 456789],
    ['2016-03-14T01:59:00.5+05:30', 1457900940500, 0],
    ['2016-03-14T01:59:00-00:30', 1457922540000, 0],
    ['0000-01-01T00:00:00Z', -62167219200000, 0],
    ['9999-12-31T23:59:59Z', 253402300799000, 0],
  ])('%s', (text, ms, nanos) => {
    expect(parseTimestamp(text)).toEqual({ ms, nanos });
  });

  test.each([
    '',
    '2016-03-14',
    '2016-03-14T01:59:00',
    '2016-03-14 01:59:00Z',
    '2016-03-14t01:59:00z',
    '2016-03-14T01:59Z',
    '2016-00-14T01:59:00Z',
    '2016-13-14T01:59:00Z',
    '2016-04-31T01:59:00Z',
    '2016-03-00T01:59:00Z',
    '2015-02-29T01:59:00Z',
    '1900-02-29T01:59:00Z',
    '2016-12-05T25:29:29Z',
    '2016-12-05T24:00:00Z',
    '2016-12-05T21:60:29Z',
    '2016-12-05T21:29:60Z',
    '2016-12-05T21:29:29.Z',
    '2016-12-05T21:29:29.1234567890Z',
    '2016-12-05T21:29:29+0100',
    '2016-12-05T21:29:29+18:01',
    '2016-12-05T21:29:29+01:60',
    '16-12-05T21:29:29Z',
    '2016-12-05T21:29:29Z ',
  ])('%s is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test('agree with JavaScript on every millisecond', () => {
    const date = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (instant) => {
        expect(parseTimestamp(instant.toISOString())).toEqual({ ms: instant.getTime(), nanos: 0 });
      }),
    );
  });

  test('are ordered to the nanosecond', () => {
    const at = (text: string) => parseTimestamp(text) ?? { ms: Number.NaN, nanos: 0 };
    expect(compareTimestamps(at('2016-03-14T01:59:00.000000001Z'), at('2016-03-14T01:59:00Z'))).toBeGreaterThan(0);
    expect(compareTimestamps(at('2016-03-14T01:59:00Z'), at('2016-03-14T02:59:00+01:00'))).toBe(0);
    expect(compareTimestamps(at('2016-03-14T01:58:59.9Z'), at('2016-03-14T01:59:00Z'))).toBeLessThan(0);
  });
});
