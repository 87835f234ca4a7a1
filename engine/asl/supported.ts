import type { Definition } from '../../schemas/definition.ts';
import { isJsonObject, type JsonObject, member } from '../../schemas/json.ts';
import type { Problem } from '../../schemas/problem.ts';
import { allScopes, distributedConfig, rootScope, statePointer, statesOf } from './scopes.ts';
import { ruleProblem } from './wording.ts';

/** What this release cannot run yet: the distributed mode of Map. Remove this file when it can. */
export function unsupported(definition: Definition): Problem[] {
  return allScopes(rootScope(definition)).flatMap((scope) =>
    statesOf(scope).flatMap(([name, state]) => {
      return distributedFields(state).map((feature) =>
        ruleProblem.unsupported(feature, name, statePointer(scope, name)),
      );
    }),
  );
}

function distributedFields(state: JsonObject): string[] {
  if (state['Type'] !== 'Map') return [];
  const processor = member(state, 'ItemProcessor') ?? member(state, 'Iterator');
  const distributed = isJsonObject(processor) && distributedConfig(processor) !== undefined;
  const fields = ['ItemReader', 'ItemBatcher', 'ResultWriter'].filter((field) => Object.hasOwn(state, field));
  return distributed ? ['Distributed Map', ...fields] : fields;
}
