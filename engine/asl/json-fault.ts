import { scanJson } from './json-scan.ts';

/**
 * Why a text is no JSON, in the words of AWS's parser (`Unrecognized token 'x': was expecting ...`).
 *
 * @returns undefined when it is JSON
 */
export const jsonFault = (text: string): string | undefined => scanJson(text, () => '').fault?.reason;
