import type { StateKind } from './state-kind.ts';

/** ASL "Parallel State": runs its branches side by side; its result is the list of their outputs. */
export const parallel: StateKind = ({ flow, inner }) => ({
  enter: async ({ scope }) => {
    const input = await flow.arguments(scope);
    return { type: 'fork', fork: { kind: 'Parallel', scopes: inner, input } };
  },
});
