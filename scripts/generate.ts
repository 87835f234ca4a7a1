import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, PAGES } from './reference/pages.ts';

/** `npm run generate`: writes the reference pages from the tables in the code. */

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const [name, page] of Object.entries(PAGES)) writeFileSync(join(FOLDER, name), page());
