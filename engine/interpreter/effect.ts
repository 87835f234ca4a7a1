import type { PendingTask } from '../../schemas/task.ts';
import type { Timer } from './stimulus.ts';

/** What is to be done outside, as data. Doing one twice is harmless: each names its visit. */
export type Effect =
  /** Keep the task until a worker has it, and put it into the queue of its resource. */
  | { readonly type: 'DispatchTask'; readonly visit: number; readonly task: Omit<PendingTask, 'id'> }
  /** The task of this visit is no longer wanted; its token closes. */
  | { readonly type: 'CloseTask'; readonly visit: number }
  | { readonly type: 'SetTimer'; readonly timer: Timer; readonly dueMs: number }
  | { readonly type: 'ClearTimer'; readonly timer: Timer };
