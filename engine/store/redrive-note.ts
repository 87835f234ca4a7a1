import type { RedriveNote } from '../../schemas/execution.ts';
import type { RedriveChange } from './store.ts';

/** What is told of a redrive later. Inputs may be large: only that there was another one is kept. */
export function redriveNote({ edits, revisionId, by }: RedriveChange): Omit<RedriveNote, 'redriveMs'> {
  return {
    inputChanged: edits?.input !== undefined,
    ...(by !== undefined && { by }),
    ...(edits?.state !== undefined && { state: edits.state }),
    ...(revisionId !== undefined && { revisionId }),
  };
}
