import type { ResourceDescription } from '../../schemas/resource.ts';
import type { PerformTask, TaskResult } from '../../schemas/task.ts';

/** What the Resource of a Task state means: one file per service, one entry in the table of index.ts. */
export interface Integration {
  /** Whether a resource is this integration's. */
  readonly performs: (resource: ResourceDescription) => boolean;
  readonly perform: PerformTask;
}

export const failed = (error: string, cause: string): TaskResult => ({ type: 'failed', error, cause });
