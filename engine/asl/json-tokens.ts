/**
 * The scalars of JSON, one function each: from the offset of the first character to the offset behind the last,
 * or the fault that a Jackson parser (which AWS uses) finds there.
 */

export interface Fault {
  readonly reason: string;
  /** How far the parser had read. */
  readonly offset: number;
}
export type Read = { readonly end: number } | Fault;

export const EXPECTED_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

export const isFault = (read: Read | Fault): read is Fault => 'reason' in read;

/** A character that must not be there; the parser has read it. */
export const unexpected = (text: string, at: number, expected: string, where = ''): Fault => ({
  reason: `Unexpected character (${quoted(text.charCodeAt(at))})${where}: ${expected}`,
  offset: at + 1,
});

function quoted(code: number): string {
  return code < 0x20 ? `(CTRL-CHAR, code ${code})` : `'${String.fromCharCode(code)}' (code ${code})`;
}

/** The offset of the first character at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  let index = at;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return index;
    index += 1;
  }
}

/** @param kind what the string is, for the message: a value or a member's name */
export function readString(text: string, start: number, kind: 'string value' | 'name'): Read {
  let index = start + 1;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return { end: index + 1 };
    if (code < 0x20) {
      const reason = `Illegal unquoted character (${quoted(code)}): has to be escaped using backslash to be included in ${kind}`;
      return { reason, offset: index + 1 };
    }
    if (code === 0x5c) {
      const escaped = readEscape(text, index);
      if (isFault(escaped)) return escaped;
      index = escaped.end;
    } else index += 1;
  }
  const reason =
    kind === 'name'
      ? 'Unexpected end-of-input in field name'
      : 'Unexpected end-of-input: was expecting closing quote for a string value';
  return { reason, offset: text.length };
}

function readEscape(text: string, backslash: number): Read {
  const at = backslash + 1;
  if (at >= text.length) return { reason: 'Unexpected end-of-input in character escape sequence', offset: text.length };
  const code = text.charCodeAt(at);
  if (code !== 0x75) {
    if ('"\\/bfnrt'.includes(text.charAt(at))) return { end: at + 1 };
    return { reason: `Unrecognized character escape ${quoted(code)}`, offset: at + 1 };
  }
  for (let index = at + 1; index < at + 5; index += 1) {
    if (index >= text.length)
      return { reason: 'Unexpected end-of-input in character escape sequence', offset: text.length };
    if (!/[\da-fA-F]/.test(text.charAt(index))) {
      return unexpected(text, index, 'expected a hex-digit for character escape sequence');
    }
  }
  return { end: at + 5 };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

export function readNumber(text: string, start: number): Read {
  NUMBER.lastIndex = start;
  const found = NUMBER.exec(text);
  if (!found) {
    return unexpectedInNumber(text, start + 1, 'expected digit (0-9) to follow minus sign, for valid numeric value');
  }
  const end = start + found[0].length;
  const next = text.charAt(end);
  if (/\d/.test(next)) return { reason: 'Invalid numeric value: Leading zeroes not allowed', offset: end + 1 };
  if (next === '.') return unexpectedInNumber(text, end + 1, 'Decimal point not followed by a digit');
  if (next === 'e' || next === 'E') {
    const digit = /[+-]/.test(text.charAt(end + 1)) ? end + 2 : end + 1;
    return unexpectedInNumber(text, digit, 'Exponent indicator not followed by a digit');
  }
  return { end };
}

const unexpectedInNumber = (text: string, at: number, expected: string): Fault =>
  at >= text.length
    ? { reason: 'Unexpected end-of-input in a Number value', offset: text.length }
    : unexpected(text, at, expected, ' in numeric value');

const WORD = /[\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}]+/uy;
const WORD_START = /[\p{L}\p{Nl}\p{Sc}\p{Pc}]/u;

/** The parser reads no more of a word that it does not know. */
const MAX_SHOWN = 256;

/** true, false, null, or what is none of them. */
export function readWord(text: string, start: number): Read {
  WORD.lastIndex = start;
  const word = WORD_START.test(text.charAt(start)) ? WORD.exec(text)?.[0] : undefined;
  if (word === undefined) return unexpected(text, start, `expected a valid value ${EXPECTED_VALUE}`);
  if (word === 'true' || word === 'false' || word === 'null') return { end: start + word.length };
  const shown = word.slice(0, MAX_SHOWN);
  const more = word.length > MAX_SHOWN ? '...' : '';
  return {
    reason: `Unrecognized token '${shown}${more}': was expecting ${EXPECTED_VALUE}`,
    offset: start + shown.length,
  };
}
