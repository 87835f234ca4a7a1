import { parseSync, Visitor } from 'oxc-parser';

/** What the project's habits forbid, read from a source's syntax tree. */
export interface Findings {
  readonly functions: readonly Span[];
  /** Uses of `any`. */
  readonly anys: readonly Name[];
  /** Names that reach the clock or chance. */
  readonly impurities: readonly Name[];
}

export interface Span {
  readonly line: number;
  readonly lines: number;
}

export interface Name {
  readonly line: number;
  readonly name: string;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * @param nested whether the lines of a function count for those around it too. In tests they do not: `describe` and
 * suites that run against several implementations only hold tests together.
 */
export function findIn(file: string, text: string, nested: boolean): Findings {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const lineOf = lineCounter(text);
  const functions: Range[] = [];
  const anys: Name[] = [];
  const names: (Range & { name: string })[] = [];
  const labels = new Set<number>();
  const note = (node: Range) => functions.push(node);
  new Visitor({
    ArrowFunctionExpression: note,
    FunctionDeclaration: note,
    FunctionExpression: note,
    TSAnyKeyword: ({ start }) => anys.push({ line: lineOf(start), name: 'any' }),
    Identifier: (node) => names.push(node),
    MemberExpression: ({ object, property, computed }) => {
      if (!computed) labels.add(property.start);
      const isRandom = !computed && 'name' in property && property.name === 'random';
      // Every other use of Math by its own name is arithmetic, unless it is handed on whole.
      if (object.type === 'Identifier' && object.name === 'Math' && !isRandom && !computed) labels.add(object.start);
    },
    Property: ({ key, computed, shorthand }) => {
      if (!computed && !shorthand) labels.add(key.start);
    },
  }).visit(program);
  return {
    functions: functions.map((of) => measure(of, nested ? [] : functions, lineOf)),
    anys,
    impurities: names
      .filter(({ name, start }) => IMPURE.has(name) && !labels.has(start))
      .map(({ name, start }) => ({ line: lineOf(start), name })),
  };
}

/** `Math` is left of `.random`, or handed on where nobody sees what is taken from it. */
const IMPURE = new Set(['Date', 'Math', 'globalThis']);

function measure(of: Range, others: readonly Range[], lineOf: (offset: number) => number): Span {
  const linesOf = ({ start, end }: Range) => lineOf(end) - lineOf(start) + 1;
  const inside = others.filter((other) => contains(of, other));
  const outermost = inside.filter((other) => !inside.some((between) => contains(between, other)));
  // The first and last line of an inner function belong to the one around it.
  const inner = outermost.reduce((sum, other) => sum + Math.max(0, linesOf(other) - 2), 0);
  return { line: lineOf(of.start), lines: linesOf(of) - inner };
}

const contains = (outer: Range, inner: Range) =>
  outer.start <= inner.start && inner.end <= outer.end && (outer.start !== inner.start || outer.end !== inner.end);

function lineCounter(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (offset) => {
    const line = ends.findIndex((end) => end >= offset);
    return (line === -1 ? ends.length : line) + 1;
  };
}
