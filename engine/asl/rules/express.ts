import { isJsonObject, member } from '../../../schemas/json.ts';
import { distributedConfig } from '../scopes.ts';
import { ruleProblem } from '../wording.ts';
import type { StateRule } from './rule.ts';

/** An Express workflow has no distributed Map. https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html */
export const noDistributedMapInExpress: StateRule = ({ state, scope, pointer }) => {
  if (scope.type !== 'EXPRESS' || state.Type !== 'Map') return [];
  return ['ItemProcessor', 'Iterator'].flatMap((field) => {
    const processor = member(state, field);
    if (!isJsonObject(processor) || !distributedConfig(processor)) return [];
    return [ruleProblem.expressDistributed(`${pointer}/${field}/ProcessorConfig/Mode`)];
  });
};
