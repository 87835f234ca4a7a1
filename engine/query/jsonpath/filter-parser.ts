import type { Json } from '../../../schemas/json.ts';
import { type FilterOperator, filterOperators } from './filter-operators.ts';
import { type FilterTest, isDefinite, type Segment, type Session } from './path-syntax.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { readerOf, referenceSteps } from './reference-path.ts';
import type { Scanner } from './scanner.ts';
import { compileQuery } from './select.ts';

/** Filters may nest, in parentheses and in paths; nobody writes them deeper. */
const MAX_DEPTH = 20;

type ReadPath = (scanner: Scanner, depth: number) => Segment[];
/** The value of one side of a comparison; undefined when its path finds nothing. */
type Operand = (item: Json, session: Session) => Json | Pattern | undefined;

const SYMBOL = /===?|!==?|<=|>=|=~|<|>/y;
const WORD = /[\p{L}\p{N}_$:+-]+/uy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_-])/uy;
const QUOTED = { "'": /(?:[^'\\]|\\[\s\S])*/y, '"': /(?:[^"\\]|\\[\s\S])*/y };
const PATTERN = /(?:[^/\\]|\\[\s\S])+/y;

/**
 * Parses the filter after `[?`: `(@.price < 10 && !@.sold)`. Never evaluates text as code.
 *
 * @param readPath reads the segments after `@` or `$`; handed in because paths and filters contain each other
 * @throws SyntaxFault
 */
export function parseFilter(scanner: Scanner, readPath: ReadPath, depth: number): FilterTest {
  return new FilterParser(scanner, readPath).parse(depth);
}

class FilterParser {
  readonly #scanner: Scanner;
  readonly #readPath: ReadPath;

  constructor(scanner: Scanner, readPath: ReadPath) {
    this.#scanner = scanner;
    this.#readPath = readPath;
  }

  parse(depth: number): FilterTest {
    this.#scanner.skipBlanks();
    this.#scanner.expect('(');
    const test = this.#alternatives(depth);
    this.#scanner.expect(')');
    return test;
  }

  #alternatives(depth: number): FilterTest {
    if (depth > MAX_DEPTH) this.#scanner.fail('filter nested too deeply');
    const tests = this.#separatedBy('||', () => this.#conditions(depth));
    return tests.length === 1 && tests[0] !== undefined
      ? tests[0]
      : (item, session) => tests.some((test) => test(item, session));
  }

  #conditions(depth: number): FilterTest {
    const tests = this.#separatedBy('&&', () => this.#condition(depth));
    return tests.length === 1 && tests[0] !== undefined
      ? tests[0]
      : (item, session) => tests.every((test) => test(item, session));
  }

  #separatedBy(separator: string, read: () => FilterTest): FilterTest[] {
    const tests: FilterTest[] = [];
    do {
      tests.push(read());
      this.#scanner.skipBlanks();
    } while (this.#scanner.accept(separator));
    return tests;
  }

  #condition(depth: number): FilterTest {
    this.#scanner.skipBlanks();
    if (this.#scanner.accept('!')) return this.#negation(depth);
    if (this.#scanner.current === '(') return this.parse(depth + 1);
    return this.#comparison(depth);
  }

  #negation(depth: number): FilterTest {
    if (depth > MAX_DEPTH) this.#scanner.fail('filter nested too deeply');
    const test = this.#condition(depth + 1);
    return (item, session) => !test(item, session);
  }

  #comparison(depth: number): FilterTest {
    const left = this.#operand(depth);
    const operator = this.#operator();
    // A path alone asks whether something is there, whatever its value.
    if (operator === undefined) {
      return (item, session) => {
        session.spend(1);
        return left(item, session) !== undefined;
      };
    }
    this.#scanner.skipBlanks();
    const right = this.#operand(depth);
    return (item, session) => {
      session.spend(1);
      return operator(left(item, session), right(item, session), session);
    };
  }

  #operator(): FilterOperator | undefined {
    this.#scanner.skipBlanks();
    if (this.#scanner.ended || ')&|'.includes(this.#scanner.current)) return undefined;
    const name = this.#scanner.read(SYMBOL) || this.#scanner.read(WORD).toLowerCase();
    return filterOperators.get(name) ?? this.#scanner.fail('expected an operator');
  }

  #operand(depth: number): Operand {
    const scanner = this.#scanner;
    switch (scanner.current) {
      case '@':
      case '$':
        return this.#path(depth);
      case "'":
      case '"':
        return constant(this.#quoted());
      case '/':
        return constant(this.#pattern());
      case '[':
        return this.#list(depth);
      default:
        return this.#plain();
    }
  }

  #path(depth: number): Operand {
    const fromItem = this.#scanner.accept('@');
    if (!fromItem) this.#scanner.expect('$');
    const segments = this.#readPath(this.#scanner, depth);
    const steps = referenceSteps(segments);
    if (steps !== undefined) {
      const read = readerOf(steps);
      return (item, session) => {
        session.spend(steps.length);
        return read(fromItem ? item : session.root);
      };
    }
    const query = compileQuery(segments);
    const definite = isDefinite(segments);
    return (item, session) => {
      const found = query(fromItem ? item : session.root, session);
      return definite ? found[0] : found;
    };
  }

  #quoted(): string {
    const quote = this.#scanner.current === '"' ? '"' : "'";
    this.#scanner.expect(quote);
    const text = this.#scanner.read(QUOTED[quote]);
    this.#scanner.expect(quote);
    return text.replace(/\\([\s\S])/g, '$1');
  }

  #pattern(): Pattern {
    this.#scanner.expect('/');
    const source = this.#scanner.read(PATTERN);
    this.#scanner.expect('/');
    return compilePattern(source, this.#scanner.read(/[a-zA-Z]*/y));
  }

  #list(depth: number): Operand {
    this.#scanner.expect('[');
    const items: Operand[] = [];
    this.#scanner.skipBlanks();
    while (this.#scanner.current !== ']') {
      if (depth > MAX_DEPTH) this.#scanner.fail('list nested too deeply');
      items.push(this.#operand(depth + 1));
      this.#scanner.skipBlanks();
      if (!this.#scanner.accept(',')) break;
      this.#scanner.skipBlanks();
    }
    this.#scanner.expect(']');
    return (item, session) => {
      session.spend(items.length);
      return items.map((operand) => plainValue(operand(item, session)));
    };
  }

  /** A number, true, false, null, or a bare word: published definitions compare with unquoted text. */
  #plain(): Operand {
    const number = this.#scanner.read(NUMBER);
    if (number !== '') return constant(Number(number));
    const word = this.#scanner.read(WORD);
    if (word === '') this.#scanner.fail('expected a value');
    return constant(WORDS.has(word) ? (WORDS.get(word) ?? null) : word);
  }
}

const WORDS = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const constant =
  (value: Json | Pattern): Operand =>
  () =>
    value;

const plainValue = (value: Json | Pattern | undefined): Json =>
  value === undefined || typeof value === 'function' ? null : value;
