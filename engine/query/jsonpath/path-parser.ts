import { parseFilter } from './filter-parser.ts';
import type { PathSyntax, Root, Segment } from './path-syntax.ts';
import { Scanner } from './scanner.ts';

/** More segments than any document is deep; it bounds the recursion of the evaluation. */
const MAX_SEGMENTS = 1000;
const MAX_VARIABLE_NAME = 80;
const MAX_INDEX = 2 ** 31;

const VARIABLE = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const INTEGER = /-?\d{1,10}/y;
// Inside a filter a name ends where an operator may begin.
const NAME = /[^.[\s()]+/y;
const NAME_IN_FILTER = /[^.[\]\s()=!<>&|,~]+/y;
const QUOTED = { "'": /(?:[^'\\]|\\[\s\S])*/y, '"': /(?:[^"\\]|\\[\s\S])*/y };

/**
 * Parses a whole path as Jayway JsonPath reads it, which AWS uses.
 *
 * @throws SyntaxFault
 */
export function parsePath(text: string): PathSyntax {
  const scanner = new Scanner(text.trimEnd());
  const root = readRoot(scanner);
  const segments = readSegments(scanner, NAME, 0);
  if (!scanner.ended) scanner.fail('unexpected character');
  return { root, segments };
}

function readRoot(scanner: Scanner): Root {
  scanner.expect('$');
  if (scanner.accept('$')) return { kind: 'context' };
  const name = scanner.read(VARIABLE);
  if (name.length > MAX_VARIABLE_NAME) scanner.fail('variable name too long');
  return name === '' ? { kind: 'input' } : { kind: 'variable', name };
}

function readSegments(scanner: Scanner, name: RegExp, depth: number): Segment[] {
  const segments: Segment[] = [];
  while (scanner.current === '.' || scanner.current === '[') {
    if (segments.length >= MAX_SEGMENTS) scanner.fail('too many segments');
    if (scanner.accept('..')) segments.push({ kind: 'descend' });
    else scanner.accept('.');
    segments.push(scanner.current === '[' ? readBracket(scanner, depth) : readName(scanner, name));
  }
  return segments;
}

function readName(scanner: Scanner, name: RegExp): Segment {
  if (scanner.accept('*')) return { kind: 'wildcard' };
  const text = scanner.read(name);
  if (text === '') scanner.fail('expected a name');
  if (scanner.current !== '(') return { kind: 'names', names: [text] };
  scanner.read(/\([^()]*/y);
  scanner.expect(')');
  return { kind: text === 'length' ? 'length' : 'nothing' };
}

function readBracket(scanner: Scanner, depth: number): Segment {
  scanner.expect('[');
  scanner.skipBlanks();
  const segment = readSelector(scanner, depth);
  scanner.skipBlanks();
  scanner.expect(']');
  return segment;
}

function readSelector(scanner: Scanner, depth: number): Segment {
  if (scanner.accept('*')) return { kind: 'wildcard' };
  if (scanner.accept('?')) return { kind: 'filter', test: parseFilter(scanner, readFilterPath, depth + 1) };
  if (scanner.current === "'" || scanner.current === '"') {
    return { kind: 'names', names: readList(scanner, readQuoted) };
  }
  return readPositions(scanner);
}

/** `@.a[0]` or `$.a` inside a filter; the filter's parser has read the `@` or `$`. */
const readFilterPath = (scanner: Scanner, depth: number): Segment[] => readSegments(scanner, NAME_IN_FILTER, depth);

function readList<T>(scanner: Scanner, readItem: (scanner: Scanner) => T): T[] {
  const items: T[] = [];
  do {
    scanner.skipBlanks();
    items.push(readItem(scanner));
    scanner.skipBlanks();
  } while (scanner.accept(','));
  return items;
}

function readQuoted(scanner: Scanner): string {
  const quote = scanner.current === '"' ? '"' : "'";
  scanner.expect(quote);
  const text = scanner.read(QUOTED[quote]);
  scanner.expect(quote);
  // Only the quote itself is ever unescaped: any other backslash belongs to the name, as on AWS.
  return text.replaceAll(`\\${quote}`, quote);
}

function readIndex(scanner: Scanner): number {
  const index = Number.parseInt(scanner.read(INTEGER), 10);
  if (Number.isNaN(index) || Math.abs(index) >= MAX_INDEX) scanner.fail('expected an index');
  return index;
}

function readPositions(scanner: Scanner): Segment {
  if (scanner.accept(':')) return readSliceEnd(scanner, undefined);
  const from = readIndex(scanner);
  scanner.skipBlanks();
  if (scanner.accept(':')) return readSliceEnd(scanner, from);
  const indexes = scanner.accept(',') ? [from, ...readList(scanner, readIndex)] : [from];
  return { kind: 'indexes', indexes };
}

function readSliceEnd(scanner: Scanner, from: number | undefined): Segment {
  scanner.skipBlanks();
  const to = scanner.current === ']' || scanner.current === ':' ? undefined : readIndex(scanner);
  scanner.skipBlanks();
  // Jayway reads a step and ignores it.
  if (scanner.accept(':')) scanner.read(INTEGER);
  return { kind: 'slice', from, to };
}
