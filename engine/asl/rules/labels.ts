import { member } from '../../../schemas/json.ts';
import { ruleProblem } from '../wording.ts';
import type { MachineRule, StateRule } from './rule.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
const MAX_LENGTH = 40;
const FORBIDDEN = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/** A Label becomes part of the ARN of a Map's child executions. */
export const labelCharacters: StateRule = ({ state, pointer }) => {
  const label = member(state, 'Label');
  if (typeof label !== 'string') return [];
  const at = `${pointer}/Label`;
  if (label === '') return [ruleProblem.labelEmpty(at)];
  if (label.length > MAX_LENGTH) return [ruleProblem.labelTooLong(MAX_LENGTH, at)];
  const forbidden = FORBIDDEN.exec(label)?.[0];
  return forbidden === undefined ? [] : [ruleProblem.labelCharacter(forbidden, at)];
};

/** Two Maps of one machine have two labels. */
export const uniqueLabels: MachineRule = (states) => {
  const seen = new Set<string>();
  return states.flatMap(({ state, pointer }) => {
    const label = member(state, 'Label');
    if (typeof label !== 'string') return [];
    if (seen.has(label)) return [ruleProblem.duplicateLabel(label, `${pointer}/Label`)];
    seen.add(label);
    return [];
  });
};
