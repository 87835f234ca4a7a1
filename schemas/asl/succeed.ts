import { anyState, inputAndOutput } from './common.ts';
import { closed, type Language } from './schema.ts';

/** https://states-language.net/spec.html#succeed-state */
export const succeed = (language: Language) => closed({ ...anyState, ...inputAndOutput(language) });
