import { stateProblem } from '../wording.ts';
import type { MachineRule, StateRule } from './rule.ts';

/** https://states-language.net/spec.html#states-fields */
const MAX_LENGTH = 80;

/** A state's name has 1 to 80 characters (code points); any characters. */
export const nameLength: StateRule = ({ name, pointer }) => {
  if (name === '') return [stateProblem.nameEmpty(pointer)];
  const tooLong = name.length > MAX_LENGTH && Array.from(name).length > MAX_LENGTH;
  return tooLong ? [stateProblem.nameTooLong(name, MAX_LENGTH, pointer)] : [];
};

/** Names of states are unique in the whole machine, branches and processors included. */
export const uniqueNames: MachineRule = (states) => {
  const seen = new Set<string>();
  return states.flatMap(({ name, pointer }) => {
    if (seen.has(name)) return [stateProblem.duplicateName(name, pointer)];
    seen.add(name);
    return [];
  });
};
