import { fileURLToPath } from 'node:url';
import { apiPage } from './api.ts';
import { languagePage } from './language.ts';
import { metricsPage } from './metrics.ts';
import { restPage } from './rest.ts';
import { settingsPage } from './settings.ts';

/** Where the generated pages are, and all of them by the names of their files. */
export const FOLDER = fileURLToPath(new URL('../../docs/reference/', import.meta.url));

export const PAGES: Readonly<Record<string, () => string>> = {
  'api.md': apiPage,
  'language.md': languagePage,
  'metrics.md': metricsPage,
  'rest.md': restPage,
  'settings.md': settingsPage,
};
