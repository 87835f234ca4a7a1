import { member } from '../../../schemas/json.ts';
import type { StateKind } from './state-kind.ts';

/** ASL "Pass State": hands its input on, or its fixed Result. */
export const pass: StateKind = ({ state, flow }) => {
  const result = member(state, 'Result');
  return {
    enter: async ({ scope }) => {
      const input = await flow.arguments(scope);
      return { type: 'advance', result: result === undefined ? input : result };
    },
  };
};
