import type { Language } from '../../schemas/asl/schema.ts';
import type { Definition, ScopeDefinition, StateDefinition } from '../../schemas/definition.ts';
import { isJsonObject, type Json, type JsonObject, member } from '../../schemas/json.ts';

export type WorkflowType = 'STANDARD' | 'EXPRESS';

/** States and where they start, with the two ways to write where they are. */
export interface ScopePlace {
  readonly definition: ScopeDefinition;
  /** RFC 6901 JSON pointer of the object that owns the states, '' for the root: the scope's identity. */
  readonly path: string;
  /** The same place as AWS writes it in a diagnostic: items as `[0]`, names unescaped. */
  readonly pointer: string;
  /** What the states run in: a distributed Map may run its items as Express workflows. */
  readonly type: WorkflowType;
}

/** The scope that is a whole definition. */
export const rootScope = (definition: ScopeDefinition, type: WorkflowType = 'STANDARD'): ScopePlace => ({
  definition,
  path: '',
  pointer: '',
  type,
});

/** The states of a scope, by name, in written order. */
export const statesOf = (scope: ScopePlace): [string, StateDefinition][] => Object.entries(scope.definition.States);

/** The query language of a state: its own or the machine's, never that of a state around it. */
export const languageInForce = (definition: Definition, state: StateDefinition): Language =>
  state['QueryLanguage'] === 'JSONata' ? 'JSONata' : (definition.QueryLanguage ?? 'JSONPath');

/** Where AWS says that a state is. */
export const statePointer = (scope: ScopePlace, name: string): string => `${scope.pointer}/States/${name}`;

/**
 * The scopes inside a state: the branches of a Parallel, the processor of a Map (`Iterator` is its old name).
 * What is no scope is left out: the schema has reported it.
 */
export function innerScopes(scope: ScopePlace, name: string, state: StateDefinition): ScopePlace[] {
  const path = `${scope.path}/States/${escapeToken(name)}`;
  const pointer = statePointer(scope, name);
  if (state.Type === 'Parallel') {
    return list(state, 'Branches').flatMap((branch, index) =>
      isScope(branch)
        ? [
            {
              definition: branch,
              path: `${path}/Branches/${index}`,
              pointer: `${pointer}/Branches[${index}]`,
              type: scope.type,
            },
          ]
        : [],
    );
  }
  if (state.Type !== 'Map') return [];
  const field = Object.hasOwn(state, 'ItemProcessor') ? 'ItemProcessor' : 'Iterator';
  const processor = member(state, field);
  if (!isScope(processor)) return [];
  const type = childType(processor) ?? scope.type;
  return [{ definition: processor, path: `${path}/${field}`, pointer: `${pointer}/${field}`, type }];
}

/** The configuration of a Map's processor when it runs its items as workflows of their own. */
export function distributedConfig(processor: JsonObject): JsonObject | undefined {
  const config = member(processor, 'ProcessorConfig');
  return isJsonObject(config) && config['Mode'] === 'DISTRIBUTED' ? config : undefined;
}

function childType(processor: JsonObject): WorkflowType | undefined {
  const config = distributedConfig(processor);
  if (config === undefined) return undefined;
  return config['ExecutionType'] === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
}

/** A member that is a list; nothing when it is none. */
export function list(object: JsonObject, name: string): readonly Json[] {
  const value = member(object, name);
  return Array.isArray(value) ? value : [];
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
    for (const [name, state] of statesOf(scope)) {
      for (const inner of innerScopes(scope, name, state)) found.push(inner);
    }
  }
  return found;
}
