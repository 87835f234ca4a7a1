import { jsonPath } from './jsonpath/language.ts';
import type { QueryLanguage } from './query-language.ts';

/** The query languages by the names that definitions give them. */
export const queryLanguages: { readonly [N in 'JSONPath']: QueryLanguage } = { JSONPath: jsonPath };
