import type { Definition } from '../../schemas/definition.ts';
import { isJsonObject, type JsonObject, member } from '../../schemas/json.ts';
import type { Problem } from '../../schemas/problem.ts';
import { allScopes, distributedConfig, languageInForce, list, rootScope, statePointer, statesOf } from './scopes.ts';
import { ruleProblem } from './wording.ts';

/** What this release cannot run yet: JSONata, variables, and the distributed mode of Map. Remove this file when it can. */
export function unsupported(definition: Definition): Problem[] {
  return allScopes(rootScope(definition)).flatMap((scope) =>
    statesOf(scope).flatMap(([name, state]) => {
      const jsonata = languageInForce(definition, state) === 'JSONata';
      const what = [
        ...(jsonata ? ['JSONata'] : []),
        ...(assigns(state) ? ['Assign'] : []),
        ...distributedFields(state),
      ];
      return what.map((feature) => ruleProblem.unsupported(feature, name, statePointer(scope, name)));
    }),
  );
}

const assigns = (state: JsonObject): boolean =>
  [state, ...list(state, 'Choices'), ...list(state, 'Catch')].some(
    (rule) => isJsonObject(rule) && Object.hasOwn(rule, 'Assign'),
  );

function distributedFields(state: JsonObject): string[] {
  if (state['Type'] !== 'Map') return [];
  const processor = member(state, 'ItemProcessor') ?? member(state, 'Iterator');
  const distributed = isJsonObject(processor) && distributedConfig(processor) !== undefined;
  const fields = ['ItemReader', 'ItemBatcher', 'ResultWriter'].filter((field) => Object.hasOwn(state, field));
  return distributed ? ['Distributed Map', ...fields] : fields;
}
