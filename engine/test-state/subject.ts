import type { Definition, StateDefinition } from '../../schemas/definition.ts';
import { isJsonObject, type Json, JsonError, parseJson } from '../../schemas/json.ts';
import { DefinitionError, type Problem } from '../../schemas/problem.ts';
import { describeResource, type ResourceDescription } from '../../schemas/resource.ts';
import { parseDefinition } from '../asl/parse.ts';
import { targetsOf } from '../asl/rules/transitions.ts';
import {
  allScopes,
  innerScopes,
  languageInForce,
  rootScope,
  type ScopePlace,
  statePointer,
  statesOf,
} from '../asl/scopes.ts';
import { buildMachine, type Node } from '../interpreter/machine.ts';
import type { QueryLanguages } from '../query/index.ts';
import type { Place } from '../query/place.ts';
import type { QueryLanguage } from '../query/query-language.ts';
import { REFUSAL } from './refusal.ts';

/** The state that is tested, as written and ready to be run. */
export interface Subject {
  readonly name: string;
  readonly state: StateDefinition;
  readonly node: Node;
  readonly language: QueryLanguage;
  readonly at: Place;
  /** What a Task asks for. */
  readonly resource: ResourceDescription | undefined;
  /** The names of all states inside it. */
  readonly inside: readonly string[];
}

/** How a state is called whose definition comes without a machine. */
const NAMELESS = 'StateName';

/**
 * Finds the state to be tested, and compiles it.
 *
 * @throws DefinitionError with everything that is wrong with the definition
 * @throws TestRefused when the definition has no such state
 */
export function compileSubject(
  { definition: text, stateName }: { readonly definition: string; readonly stateName?: string },
  languages: QueryLanguages,
): Subject {
  const { definition, problems } = parseDefinition(stateName === undefined ? machineAround(text) : text);
  if (!definition) throw new DefinitionError(problems.filter(isError));
  const { machine, problems: found } = buildMachine(definition, languages);
  const errors = found.filter(isError);
  if (errors.length > 0) throw new DefinitionError(errors);
  const name = stateName ?? NAMELESS;
  for (const scope of allScopes(rootScope(definition))) {
    const node = machine.scopes.get(scope.path)?.nodes.get(name);
    if (node) return subjectOf(definition, scope, node, languages);
  }
  throw REFUSAL.stateNotFound();
}

function subjectOf(definition: Definition, scope: ScopePlace, node: Node, languages: QueryLanguages): Subject {
  const { name } = node;
  const written = scope.definition.States[name];
  if (!written) throw new Error(`The definition has no state '${name}'`);
  const resource = written['Resource'];
  return {
    name,
    state: written,
    node,
    language: languages[languageInForce(definition, written)],
    at: { pointer: statePointer(scope, name), report: () => undefined },
    resource: typeof resource === 'string' ? describeResource(resource) : undefined,
    inside: innerScopes(scope, name, written)
      .flatMap(allScopes)
      .flatMap((inner) => statesOf(inner).map(([inside]) => inside)),
  };
}

/** The text of a machine that is the state and an end wherever it leads. The state stays as written, down to its spaces. */
function machineAround(text: string): string {
  const state = tryParse(text);
  // What is no object is refused as it is.
  if (!isJsonObject(state)) return text;
  const targets = new Set(targetsOf(state, '').map(({ target }) => target));
  targets.delete(NAMELESS);
  const ends = [...targets].map((target) => `,${JSON.stringify(target)}:{"Type":"Succeed"}`);
  return `{"StartAt":"${NAMELESS}","States":{"${NAMELESS}":${text}${ends.join('')}}}`;
}

function tryParse(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

const isError = ({ severity }: Problem): boolean => severity === 'ERROR';
