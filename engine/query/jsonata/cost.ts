import { calledName, child, children, isNode, type SyntaxNode, variableName, walk } from './syntax.ts';

/**
 * Which expressions may be evaluated where they stand, on the thread that serves everybody: those of which the syntax alone
 * shows that they take time and room in proportion to the data, whatever the data. All others are evaluated under a guard.
 */

/** Deep enough for what people write; AWS allows 100. */
const MAX_DEPTH = 100;
/** References to variables, each of which may stand for all of the data, so that together they are still harmless. */
const MAX_REFERENCES = 64;
/** Text that may be repeated once per item. */
const SHORT_TEXT = 64;

/** Functions that call nothing, repeat nothing and look at each part of their arguments once. */
const LINEAR: ReadonlySet<string> = new Set([
  ...['abs', 'append', 'average', 'base64decode', 'base64encode', 'boolean', 'ceil', 'contains', 'count'],
  ...['decodeUrl', 'decodeUrlComponent', 'encodeUrl', 'encodeUrlComponent', 'error', 'assert', 'exists', 'floor'],
  ...['hash', 'keys', 'length', 'lookup', 'lowercase', 'max', 'merge', 'millis', 'min', 'not', 'number', 'parse'],
  ...['partition', 'power', 'random', 'reverse', 'round', 'split', 'sqrt', 'substring', 'substringAfter'],
  ...['substringBefore', 'sum', 'trim', 'type', 'uppercase', 'uuid'],
]);

/** Functions that are linear when these arguments (by index) are short texts that the definition fixes. */
const LINEAR_WHEN_FIXED: Readonly<Record<string, readonly number[]>> = {
  formatBase: [1],
  formatInteger: [1],
  formatNumber: [1, 2],
  fromMillis: [1, 2],
  join: [1],
  now: [0, 1],
  replace: [2],
};

/** Functions that do more with a second argument: make a pattern of it, indent by it. */
const ALONE: ReadonlySet<string> = new Set(['string', 'toMillis']);

/** Comparisons look at no more than the smaller side. */
const COMPARISONS: ReadonlySet<unknown> = new Set(['=', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%']);
const OPERATORS: ReadonlySet<unknown> = new Set([...COMPARISONS, 'and', 'or', '&', 'in']);

/** Whether an expression is cheap by its syntax. */
export function isSimple(tree: SyntaxNode): boolean {
  const uses = new Map<string, number>();
  const bound: string[] = [];
  let references = 0;
  let deepest = 0;
  walk(tree, (node, depth) => {
    deepest = Math.max(deepest, depth);
    if (node.type === 'variable') {
      references += 1;
      uses.set(variableName(node), (uses.get(variableName(node)) ?? 0) + 1);
    }
    const target = node.type === 'bind' ? child(node, 'lhs') : undefined;
    if (target) bound.push(variableName(target));
  });
  // What is bound and read again may double with every line.
  const unread = bound.every((name) => uses.get(name) === 1);
  return unread && deepest <= MAX_DEPTH && references <= MAX_REFERENCES && isCheap(tree, false);
}

/** @param repeated whether the node is evaluated once per item of the data */
function isCheap(node: SyntaxNode, repeated: boolean): boolean {
  const steps = children(node, 'predicate');
  return !isMarked(node) && steps.every((stage) => isCheapStage(stage)) && isCheapKind(node, repeated);
}

/** Groupings append to lists that they copy; bindings of steps (`@`, `#`, `%`) join one list with another. */
const isMarked = (node: SyntaxNode): boolean =>
  ['group', 'focus', 'index', 'ancestor', 'tuple'].some((name) => node[name] !== undefined);

function isCheapStage(stage: SyntaxNode): boolean {
  const filter = child(stage, 'expr');
  return stage.type === 'filter' && filter !== undefined && isCheap(filter, true);
}

function isCheapKind(node: SyntaxNode, repeated: boolean): boolean {
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
    case 'name':
      return true;
    case 'variable':
      // A variable that is read once per item may be as large as all the items.
      return !repeated || node.value === '';
    case 'path':
      return isCheapPath(node, repeated);
    case 'binary':
      return isCheapOperation(node, repeated);
    case 'unary':
      return isCheapUnary(node, repeated);
    case 'condition':
      return ['condition', 'then', 'else'].every((name) => isCheapChild(node, name, repeated));
    case 'block':
      return children(node, 'expressions').every((inner) => isCheap(inner, repeated));
    case 'function':
      return isCheapCall(node, children(node, 'arguments'), repeated);
    case 'apply':
      return isCheapChain(node, repeated);
    case 'bind':
      return !repeated && isCheapChild(node, 'rhs', repeated);
    default:
      return false;
  }
}

function isCheapChild(node: SyntaxNode, name: string, repeated: boolean): boolean {
  const inner = child(node, name);
  return inner === undefined || isCheap(inner, repeated);
}

function isCheapPath(node: SyntaxNode, repeated: boolean): boolean {
  const [first, ...rest] = children(node, 'steps');
  if (first === undefined || !isCheap(first, repeated) || !children(first, 'stages').every(isCheapStage)) return false;
  return rest.every((step) => isCheap(step, true) && children(step, 'stages').every(isCheapStage));
}

function isCheapOperation(node: SyntaxNode, repeated: boolean): boolean {
  if (!OPERATORS.has(node.value)) return false;
  const sides = ['lhs', 'rhs'].flatMap((name) => child(node, name) ?? []);
  const compares = COMPARISONS.has(node.value);
  return sides.every((side) => (compares && side.type === 'variable' && !isMarked(side)) || isCheap(side, repeated));
}

function isCheapUnary(node: SyntaxNode, repeated: boolean): boolean {
  if (node.value === '-') return isCheapChild(node, 'expression', repeated);
  if (node.value === '[') return children(node, 'expressions').every((inner) => isCheap(inner, repeated));
  // The library adds a member to an empty list that an object is made of: not to ours.
  return node.value === '{' && !repeated && children(node, 'lhs').every((inner) => isCheap(inner, repeated));
}

function isCheapCall(node: SyntaxNode, values: readonly SyntaxNode[], repeated: boolean): boolean {
  const name = calledName(node);
  if (name === undefined || child(node, 'procedure')?.['predicate'] !== undefined) return false;
  const fixed = Object.hasOwn(LINEAR_WHEN_FIXED, name) ? LINEAR_WHEN_FIXED[name] : undefined;
  const known = fixed !== undefined || LINEAR.has(name) || (ALONE.has(name) && values.length === 1);
  if (!known) return false;
  return values.every((value, index) => (fixed?.includes(index) ? isShortText(value) : isCheap(value, repeated)));
}

/** A short text, without a number in it that could be a width. */
const isShortText = ({ type, value }: SyntaxNode): boolean =>
  type === 'number' ||
  (type === 'string' && typeof value === 'string' && value.length <= SHORT_TEXT && !/\d{4}/.test(value));

/** `value ~> $f` and `value ~> $f(more)` are calls. */
function isCheapChain(node: SyntaxNode, repeated: boolean): boolean {
  const value = child(node, 'lhs');
  const called = child(node, 'rhs');
  if (!isNode(value) || !isNode(called)) return false;
  if (called.type === 'function') return isCheapCall(called, [value, ...children(called, 'arguments')], repeated);
  return called.type === 'variable' && isCheapCall({ type: 'function', procedure: called }, [value], repeated);
}

/** The functions that an expression calls by name: a variable of that name would hide them. */
export function calledNames(tree: SyntaxNode): string[] {
  const names = new Set<string>();
  walk(tree, (node) => {
    const name = node.type === 'function' ? calledName(node) : undefined;
    if (name !== undefined) names.add(name);
    const chained = node.type === 'apply' ? child(node, 'rhs') : undefined;
    if (chained?.type === 'variable') names.add(variableName(chained));
  });
  return [...names];
}
