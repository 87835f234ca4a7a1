import { member } from '../../../schemas/json.ts';
import { ruleProblem } from '../wording.ts';
import type { StateRule } from './rule.ts';

/** A heartbeat is due before the task is: HeartbeatSeconds < TimeoutSeconds. https://states-language.net/spec.html#task-state */
export const heartbeatBeforeTimeout: StateRule = ({ state, pointer }) => {
  const heartbeat = member(state, 'HeartbeatSeconds');
  const timeout = member(state, 'TimeoutSeconds');
  if (typeof heartbeat !== 'number' || typeof timeout !== 'number' || heartbeat < timeout) return [];
  return [ruleProblem.heartbeat(`${pointer}/HeartbeatSeconds`)];
};
