import { child, children, type SyntaxNode, variableName, walk } from './syntax.ts';

/** What an expression names. */
export interface References {
  /** `$name`: variables and functions. Neither `$` nor `$$`. */
  readonly names: readonly string[];
  /** Members of `$states` that it reads; undefined when it reads `$states` as a whole. */
  readonly states: ReadonlySet<string> | undefined;
}

/** Every variable, function and member of `$states` that an expression names. */
export function referencesOf(tree: SyntaxNode): References {
  const names = new Set<string>();
  const members = new Set<string>();
  // `$states` itself, less those that a path goes into.
  let whole = 0;
  walk(tree, (node) => {
    const name = node.type === 'variable' ? variableName(node) : '';
    if (name !== '' && name !== '$') names.add(name);
    if (name === 'states') whole += 1;
    const member = node.type === 'path' ? statesMember(node) : undefined;
    if (member === undefined) return;
    whole -= 1;
    members.add(member);
  });
  return { names: [...names], states: whole === 0 ? members : undefined };
}

/** The member of `$states` that a path goes into. */
function statesMember(path: SyntaxNode): string | undefined {
  const [first, second] = children(path, 'steps');
  if (first?.type !== 'variable' || first.value !== 'states' || first['predicate'] !== undefined) return undefined;
  return second?.type === 'name' && typeof second.value === 'string' ? second.value : undefined;
}

/**
 * The names that an expression reads from the data around it. There is none: the input is `$states.input`. What is inside a later
 * step of a path, a predicate, a sort or a grouping reads from what came before it; the body of a function does not.
 */
export function topLevelNames(tree: SyntaxNode): string[] {
  const found = new Set<string>();
  const seen = new Set<SyntaxNode>();
  const open: SyntaxNode[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const name = ownName(node);
    if (name !== undefined) found.add(name);
    open.push(...inSameContext(node).reverse());
  }
  return [...found];
}

function ownName(node: SyntaxNode): string | undefined {
  if (node.type === 'name') return String(node.value);
  if (node.type === 'wildcard' || node.type === 'descendant') return String(node.value ?? '*');
  return node.type === 'variable' && node.value === '' ? '$' : undefined;
}

/** The nodes inside a node that are evaluated in the same context as it is. */
function inSameContext(node: SyntaxNode): SyntaxNode[] {
  switch (node.type) {
    case 'path':
      return children(node, 'steps').slice(0, 1);
    case 'bind':
      return only(child(node, 'rhs'));
    case 'transform':
      return [];
    case 'lambda':
      return only(child(node, 'body'));
    default:
      return CONTEXT_MEMBERS.flatMap((name) => [...only(child(node, name)), ...children(node, name)]);
  }
}

const CONTEXT_MEMBERS = [
  'condition',
  'then',
  'else',
  'procedure',
  'arguments',
  'expression',
  'expressions',
  'lhs',
  'rhs',
];

const only = (node: SyntaxNode | undefined): SyntaxNode[] => (node === undefined ? [] : [node]);

/** Whether an expression reads `$$`, which AWS does not support anywhere. */
export function readsRoot(tree: SyntaxNode): boolean {
  let found = false;
  walk(tree, (node) => {
    if (node.type === 'variable' && node.value === '$') found = true;
  });
  return found;
}

/** Whether an expression makes changed copies of data: `| pattern | update |`. */
export function hasTransforms(tree: SyntaxNode): boolean {
  let found = false;
  walk(tree, ({ type }) => {
    if (type === 'transform') found = true;
  });
  return found;
}

/**
 * Whether a transform may find something else than data to write to. The library's functions are objects that all expressions of
 * the process share: `|$sum|{...}|` would change `$sum` for everybody. Data has no functions, so a pattern that is a path in its data is safe.
 */
export function writesBeyondData(tree: SyntaxNode): boolean {
  let beyond = false;
  walk(tree, (node) => {
    const pattern = node.type === 'transform' ? child(node, 'pattern') : undefined;
    if (pattern && !isDataPath(pattern)) beyond = true;
  });
  return beyond;
}

function isDataPath(node: SyntaxNode): boolean {
  if (node.type === 'path') return children(node, 'steps').every(isDataPath);
  if (node.type === 'block') return children(node, 'expressions').every(isDataPath);
  return PATH_STEPS.has(node.type) || (node.type === 'variable' && node.value === '');
}

const PATH_STEPS: ReadonlySet<string> = new Set(['name', 'string', 'wildcard', 'descendant', 'parent', 'sort']);

/** Whether an expression does nothing but find its way through data: what it gives is a part of the data, or a list of parts. */
export function isNavigation(tree: SyntaxNode): boolean {
  if (tree['group'] !== undefined || tree['keepArray'] !== undefined || tree['keepSingletonArray'] !== undefined)
    return false;
  if (tree.type === 'variable') return tree.value === 'states';
  if (tree.type !== 'path') return false;
  const [first, ...rest] = children(tree, 'steps');
  return first?.type === 'variable' && first.value === 'states' && rest.every(({ type }) => type === 'name');
}
