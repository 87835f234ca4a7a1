import { needsPermits } from '../../schemas/activity.ts';
import type { PermitStore } from '../store/permit-store.ts';
import type { PollStore, PollSummary } from '../store/poll-store.ts';
import type { ActivityRecord } from '../store/store.ts';
import type { QueueStatistics } from '../tasks/queue.ts';

/** How activities stand, for dashboards and metrics: each number is as of now or a few seconds ago. */
export interface ActivityStatistics {
  /** In the order of the activities. */
  read(activities: readonly ActivityRecord[]): Promise<readonly ActivityNumbers[]>;
}

export interface ActivityNumbers {
  /** Tasks in the queue: no worker has them. */
  readonly waitingTasks: number;
  /** For how long the oldest of them has been in the queue. */
  readonly oldestWaitingMs: number | undefined;
  /** Tasks that workers have, of an activity that hands them out under permits; others do not count them. */
  readonly tasksInProgress: number | undefined;
  /** Polls that wait for a task, in all processes. */
  readonly pollers: number;
  /** Workers that gave their name and polled in the last minutes, the latest first. */
  readonly workers: PollSummary['workers'];
  /** When a task was last handed out, in epoch milliseconds. */
  readonly lastHandOutMs: number | undefined;
}

interface StatisticsPorts {
  readonly queue: QueueStatistics;
  readonly permits: Pick<PermitStore, 'inProgress'>;
  readonly polls: Pick<PollStore, 'read'>;
}

export function createActivityStatistics({ queue, permits, polls }: StatisticsPorts): ActivityStatistics {
  return {
    async read(activities) {
      const summaries = await polls.read(activities.map(({ activityArn }) => activityArn));
      return Promise.all(
        activities.map(async (activity) => {
          const { activityArn } = activity;
          const [depth, tasksInProgress] = await Promise.all([
            queue.depth(activityArn),
            needsPermits(activity) ? permits.inProgress(activityArn) : undefined,
          ]);
          const { waiting = 0, workers = [], handOutMs } = summaries.get(activityArn) ?? {};
          return {
            waitingTasks: depth.tasks,
            oldestWaitingMs: depth.oldestMs,
            tasksInProgress,
            pollers: waiting,
            workers,
            lastHandOutMs: handOutMs,
          };
        }),
      );
    },
  };
}
