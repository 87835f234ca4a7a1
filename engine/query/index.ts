import { evaluateHere, type Guard } from './jsonata/evaluation.ts';
import { createJsonata } from './jsonata/language.ts';
import { jsonPath } from './jsonpath/language.ts';
import type { QueryLanguage } from './query-language.ts';

/** The query languages by the names that definitions give them. */
export type QueryLanguages = { readonly [N in QueryLanguage['name']]: QueryLanguage };

/** @param guard who evaluates what may be expensive; without one it is done here, for as long as it takes */
export const createQueryLanguages = (guard: Guard = evaluateHere): QueryLanguages => ({
  JSONPath: jsonPath,
  JSONata: createJsonata(guard),
});

/** The languages without a guard: to check definitions, and to run those that one trusts. */
export const queryLanguages = createQueryLanguages();
