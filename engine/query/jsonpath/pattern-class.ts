import type { Scanner } from './scanner.ts';

/** Whether one character (a code point) belongs to a class. */
export type CharacterTest = (character: string) => boolean;

const isDigit: CharacterTest = (character) => character >= '0' && character <= '9';
const isSpace: CharacterTest = (character) => ' \t\n\v\f\r'.includes(character);
const isWord: CharacterTest = (character) =>
  isDigit(character) ||
  (character >= 'a' && character <= 'z') ||
  (character >= 'A' && character <= 'Z') ||
  character === '_';

const not =
  (test: CharacterTest): CharacterTest =>
  (character) =>
    !test(character);
const literal =
  (expected: string): CharacterTest =>
  (character) =>
    character === expected;

const CLASSES: ReadonlyMap<string, CharacterTest> = new Map([
  ['d', isDigit],
  ['D', not(isDigit)],
  ['s', isSpace],
  ['S', not(isSpace)],
  ['w', isWord],
  ['W', not(isWord)],
]);
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['f', '\f'],
]);

/**
 * What follows a backslash in a pattern.
 *
 * @throws SyntaxFault for backreferences, word boundaries and other letters with a meaning of their own
 */
export function readEscape(scanner: Scanner): CharacterTest {
  const character = scanner.read(/[\s\S]/uy);
  const test = CLASSES.get(character);
  return test ?? literal(escaped(scanner, character));
}

/** A class after its `[`: `a-z_]`, `^0-9]`. */
export function readClass(scanner: Scanner): CharacterTest {
  const negated = scanner.accept('^');
  const tests: CharacterTest[] = [];
  do {
    if (scanner.ended) scanner.fail("expected ']'");
    tests.push(readMember(scanner));
  } while (!scanner.accept(']'));
  const test: CharacterTest = (character) => tests.some((accepts) => accepts(character));
  return negated ? not(test) : test;
}

function readMember(scanner: Scanner): CharacterTest {
  const first = scanner.read(/[\s\S]/uy);
  if (first === '[' || first === '&') refuseNesting(scanner, first);
  if (first === '\\') {
    const name = scanner.read(/[\s\S]/uy);
    const test = CLASSES.get(name);
    return test ?? readRange(scanner, escaped(scanner, name));
  }
  return readRange(scanner, first);
}

/** Java unites and intersects classes inside classes; nothing here does, so that is no literal. */
function refuseNesting(scanner: Scanner, first: string): void {
  if (first === '[' || scanner.current === '&') scanner.fail('classes inside classes are not supported');
}

function readRange(scanner: Scanner, low: string): CharacterTest {
  const isRange = scanner.current === '-' && !scanner.startsWith('-]');
  if (!isRange) return literal(low);
  scanner.accept('-');
  const next = scanner.read(/[\s\S]/uy);
  const high = next === '\\' ? escaped(scanner, scanner.read(/[\s\S]/uy)) : next;
  const from = low.codePointAt(0) ?? 0;
  const to = high.codePointAt(0) ?? 0;
  if (to < from) scanner.fail('range out of order');
  return (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= from && code <= to;
  };
}

function escaped(scanner: Scanner, character: string): string {
  const control = CONTROLS.get(character);
  if (control !== undefined) return control;
  if (character === '' || /[A-Za-z0-9]/.test(character)) scanner.fail(`unsupported escape '\\${character}'`);
  return character;
}
