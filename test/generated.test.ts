import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FOLDER, PAGES } from '../scripts/reference/pages.ts';

/** Pages that are written by `npm run generate` say what the code says. */

describe('the reference', () => {
  test.each(Object.entries(PAGES))('%s is current: run `npm run generate` when it is not', (name, page) => {
    expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(page());
  });

  test('has no page that is not generated', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(Object.keys(PAGES));
  });
});
