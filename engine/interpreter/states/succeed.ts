import type { StateKind } from './state-kind.ts';

/** ASL "Succeed State": ends its scope with its input. */
export const succeed: StateKind = () => ({
  enter: ({ scope }) => ({ type: 'advance', result: scope.input }),
});
