import type { ScopeDefinition, StateDefinition } from '../../schemas/definition.ts';
import { isJsonObject, type JsonObject, member } from '../../schemas/json.ts';

/** States and where they start, with the two ways to write where they are. */
export interface ScopePlace {
  readonly definition: ScopeDefinition;
  /** RFC 6901 JSON pointer of the object that owns the states, '' for the root: the scope's identity. */
  readonly path: string;
  /** The same place as AWS writes it in a diagnostic: items as `[0]`, names unescaped. */
  readonly pointer: string;
}

/** The scope that is a whole definition. */
export const rootScope = (definition: ScopeDefinition): ScopePlace => ({ definition, path: '', pointer: '' });

/** The states of a scope, by name, in written order. */
export const statesOf = (scope: ScopePlace): [string, StateDefinition][] => Object.entries(scope.definition.States);

/** Where AWS says that a state is. */
export const statePointer = (scope: ScopePlace, name: string): string => `${scope.pointer}/States/${name}`;

/**
 * The scopes inside a state: the branches of a Parallel, the processor of a Map (`Iterator` is its old name).
 * What is not an object is left out: the schema has reported it.
 */
export function innerScopes(scope: ScopePlace, name: string, state: StateDefinition): ScopePlace[] {
  const path = `${scope.path}/States/${escapeToken(name)}`;
  const pointer = statePointer(scope, name);
  if (state.Type === 'Parallel') return branches(state, path, pointer);
  if (state.Type !== 'Map') return [];
  const field = Object.hasOwn(state, 'ItemProcessor') ? 'ItemProcessor' : 'Iterator';
  const processor = member(state, field);
  return isScope(processor) ? [{ definition: processor, path: `${path}/${field}`, pointer: `${pointer}/${field}` }] : [];
}

function branches(state: JsonObject, path: string, pointer: string): ScopePlace[] {
  const list = member(state, 'Branches');
  if (!Array.isArray(list)) return [];
  return list.flatMap((branch, index) =>
    isScope(branch)
      ? [{ definition: branch, path: `${path}/Branches/${index}`, pointer: `${pointer}/Branches[${index}]` }]
      : [],
  );
}

function isScope(value: unknown): value is JsonObject & ScopeDefinition {
  return isJsonObject(value) && isJsonObject(member(value, 'States'));
}

/** RFC 6901, section 3. */
const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');

/** Every scope of a definition, outer before inner. */
export function allScopes(root: ScopePlace): ScopePlace[] {
  const found = [root];
  for (const scope of found) {
    for (const [name, state] of statesOf(scope)) found.push(...innerScopes(scope, name, state));
  }
  return found;
}
