import jsonata from 'jsonata';

/** A node of an expression's syntax tree: of the library's own tree, only what is looked at here is described. */
export interface SyntaxNode {
  readonly type: string;
  readonly value?: unknown;
  readonly [member: string]: unknown;
}

export const isNode = (value: unknown): value is SyntaxNode => isRecord(value) && typeof value['type'] === 'string';

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a text is no expression, in the library's words, which are AWS's. */
export class ExpressionFault extends Error {}

/** The parser copies the left side of `a ?: b` and `a ?? b`, so that nested ones double what is inside them. */
const DOUBLING = /\?[?:]/g;
const MAX_DOUBLING = 12;
const TOO_MANY_DEFAULTS = `The operators ?: and ?? may be used ${MAX_DOUBLING} times`;

/**
 * Parses an expression.
 *
 * @param options the library's, for the expression that is to be evaluated
 * @throws ExpressionFault
 */
export function parseExpression(source: string, options?: jsonata.JsonataOptions): jsonata.Expression {
  if ((source.match(DOUBLING)?.length ?? 0) > MAX_DOUBLING) throw new ExpressionFault(TOO_MANY_DEFAULTS);
  try {
    return jsonata(source, options);
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionFault('The expression is nested too deeply');
    const message = isRecord(error) ? error['message'] : undefined;
    throw new ExpressionFault(typeof message === 'string' ? message : 'Syntax error');
  }
}

/** The tree of a parsed expression. */
export function treeOf(expression: jsonata.Expression): SyntaxNode {
  const tree: unknown = expression.ast();
  if (!isNode(tree)) throw new Error('The parser gave no tree');
  return tree;
}

/** A node's member that is a node. */
export function child(node: SyntaxNode, name: string): SyntaxNode | undefined {
  const value = node[name];
  return isNode(value) ? value : undefined;
}

/** The nodes in a node's member: a list of nodes, or of pairs of them (the members of an object). */
export function children(node: SyntaxNode, name: string): SyntaxNode[] {
  const list = node[name];
  return Array.isArray(list) ? list.flat().filter(isNode) : [];
}

/** Members that lead up the tree or hold what is no part of the expression. */
const NOT_BELOW: ReadonlySet<string> = new Set(['ancestor', 'seekingParent', 'slot', 'signature']);

/** What is inside a node or a list, last first: as it is to be put on a list of what is open. */
export const partsOf = (value: object): [string, unknown][] =>
  Object.entries(value)
    .filter(([name]) => !NOT_BELOW.has(name))
    .reverse();

/**
 * Calls `visit` for every node, outer before inner. The list of open nodes is its own, so that any depth is safe, and
 * each node counts once.
 */
export function walk(tree: SyntaxNode, visit: (node: SyntaxNode, depth: number) => void): void {
  const seen = new Set<unknown>();
  const open: { value: unknown; depth: number }[] = [{ value: tree, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null || value instanceof RegExp || seen.has(value)) continue;
    seen.add(value);
    if (isNode(value)) visit(value, depth);
    const below = isNode(value) ? depth + 1 : depth;
    for (const [, inner] of partsOf(value)) open.push({ value: inner, depth: below });
  }
}

/** The name that a call names its function by; undefined when the function is computed. */
export function calledName(node: SyntaxNode): string | undefined {
  const procedure = child(node, 'procedure');
  return procedure?.type === 'variable' ? variableName(procedure) : undefined;
}

export const variableName = (node: SyntaxNode): string => (typeof node.value === 'string' ? node.value : '');
