import { closed, type Language } from './schema.ts';
import { anyState, inputAndOutput } from './state-fields.ts';

/** https://states-language.net/spec.html#succeed-state */
export const succeed = (language: Language) => closed({ ...anyState, ...inputAndOutput(language) });
