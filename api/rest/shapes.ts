import Type from 'typebox';

/** Members that several routes share. */

export const Instant = Type.String({ format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] });
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Where the next page begins: what the page before answered as `nextToken`. */
export const NextToken = Type.String({ minLength: 1, maxLength: 3096 });
/** How many rows a page has at most. */
export const MaxResults = Type.Integer({ minimum: 1, maximum: 1000, default: 100 });
