import { isJsonObject, type JsonObject, member } from '../../schemas/json.ts';

/** Whether a Map state runs its items as executions of their own. Only then may they be the members of an object. */
export function isDistributed(state: JsonObject): boolean {
  const processor = member(state, 'ItemProcessor') ?? member(state, 'Iterator');
  const config = isJsonObject(processor) ? member(processor, 'ProcessorConfig') : undefined;
  return isJsonObject(config) && member(config, 'Mode') === 'DISTRIBUTED';
}
