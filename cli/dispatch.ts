import { randomUUID } from 'node:crypto';
import {
  ActivitySettingsWatch,
  type ActivityStatistics,
  createActivityStatistics,
  createHandOuts,
  createPriorities,
  type HandOuts,
  type Log,
  type Store,
  systemClock,
  type TaskQueue,
} from '../engine/index.ts';
import { connect } from '../engine/store/redis/connect.ts';
import { createBullmqTaskQueue } from '../engine/tasks/bullmq.ts';
import type { Config } from '../schemas/config.ts';
import { countPolls, type Polls } from './observe.ts';

/** How a process queues tasks and gets at them. */
export interface Dispatch {
  readonly queue: TaskQueue;
  /** Tasks of activities, within the limits of these. */
  readonly handOuts: HandOuts;
  readonly activityStatistics: ActivityStatistics;
  readonly polls: Polls;
  stop(): Promise<void>;
}

interface DispatchOptions {
  readonly redisUrl: string;
  readonly store: Store;
  /** The name of this process, which one that comes back may have again. */
  readonly owner: string;
  readonly log: Log;
  readonly onError: (error: Error) => void;
}

/** @throws StoreUnavailable */
export async function openDispatch({ leaseMs: lockMs }: Config, options: DispatchOptions): Promise<Dispatch> {
  const { redisUrl, store, owner, log, onError } = options;
  const { permits } = store;
  const ports = { permits, clock: systemClock, log };
  const settings = new ActivitySettingsWatch(ports);
  await settings.start();
  const priorityOf = createPriorities((activityArn) => settings.of(activityArn)?.limits?.priority);
  const connection = connect(redisUrl, 'owner', onError);
  const tasks = createBullmqTaskQueue({ connection, onError, lockMs, priorityOf });
  const { queue, polls } = countPolls(tasks);
  const handOuts = createHandOuts({
    ...ports,
    polls: store.polls,
    queue,
    settings,
    process: `${owner}/${randomUUID()}`,
  });
  return {
    queue,
    handOuts,
    activityStatistics: createActivityStatistics({ queue: tasks, permits, polls: store.polls }),
    polls,
    async stop() {
      await handOuts.close();
      await settings.stop();
      await queue.close();
      connection.disconnect();
    },
  };
}
