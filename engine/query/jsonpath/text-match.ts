/** The texts between the stars of a StringMatches pattern; `\*` and `\\` stand for the characters themselves. */
function literalsOf(pattern: string): string[] {
  const literals = [''];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '*') literals.push('');
    else if (character === '\\' && (next === '*' || next === '\\')) {
      literals[literals.length - 1] += next;
      index += 1;
    } else literals[literals.length - 1] += character;
  }
  return literals;
}

/** Finds a text from a position on; -1 when it is not there. */
type Search = (text: string, from: number) => number;

/**
 * Searches after Knuth, Morris and Pratt: linear in the text whatever the two look like. `indexOf` is not, and
 * both the pattern and the text come from outside.
 */
function searchFor(literal: string): Search {
  const fallback = [0];
  for (let index = 1, length = 0; index < literal.length; index += 1) {
    while (length > 0 && literal[index] !== literal[length]) length = fallback[length - 1] ?? 0;
    if (literal[index] === literal[length]) length += 1;
    fallback.push(length);
  }
  return (text, from) => {
    if (literal === '') return from;
    for (let index = from, length = 0; index < text.length; index += 1) {
      while (length > 0 && text[index] !== literal[length]) length = fallback[length - 1] ?? 0;
      if (text[index] === literal[length]) length += 1;
      if (length === literal.length) return index - length + 1;
    }
    return -1;
  };
}

/** Compiles a pattern in which `*` stands for any text. Matching takes time linear in the text. */
export function compileTextMatch(pattern: string): (text: string) => boolean {
  const literals = literalsOf(pattern);
  const first = literals[0] ?? '';
  if (literals.length === 1) return (text) => text === first;
  const last = literals.at(-1) ?? '';
  const middle = literals.slice(1, -1).map((literal) => ({ length: literal.length, search: searchFor(literal) }));
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const { length, search } of middle) {
      // The earliest place is the best: it leaves the most for what follows.
      const found = search(text, from);
      if (found < 0) return false;
      from = found + length;
    }
    return from <= end;
  };
}
