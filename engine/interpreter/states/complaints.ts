import type { Complaint } from '../../query/query-language.ts';

/** What is wrong with the values of computed fields, in AWS's words. */

const LONG = 'cannot be parsed as a long value';
const COUNT = 'cannot be parsed as a non-negative integer';

export const NOT_SECONDS: Complaint = { expected: 'number', path: LONG, computed: LONG };

export const NOT_A_COUNT: Complaint = { expected: 'number', path: COUNT, computed: COUNT };

export const NOT_AN_INSTANT: Complaint = {
  expected: 'string',
  path: 'does not reference a valid ISO-8601 extended offset date-time format string',
  computed: 'cannot be parsed as an ISO-8601 extended offset date-time format string',
  bare: true,
};

export const NOT_TEXT: Complaint = {
  expected: 'string',
  path: 'does not reference a string value',
  computed: 'must be a string',
};
