import type { Limits } from '../interpreter/limits.ts';
import type { ExecutionStore, ExpiredExecution, ShardStore } from '../store/store.ts';
import type { TaskQueue } from '../tasks/queue.ts';
import type { Announcer } from './announcer.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { MachineCache } from './machine-cache.ts';

/** Where closed executions go before they are removed. */
export interface Archive {
  /**
   * Writes an execution with all there is of it. When this resolves that is durable, or there was nothing to write: it is gone, or open
   * again. The same execution again writes the same.
   */
  keep(expired: ExpiredExecution): Promise<void>;
}

/** What a shard works with. */
export interface ShardPorts {
  readonly store: ShardStore;
  /** Executions of other shards. */
  readonly executions: Pick<ExecutionStore, 'settleTask' | 'stop' | 'submissionOf'>;
  readonly queue: TaskQueue;
  /** Without one, executions are removed for good. */
  readonly archive: Archive | undefined;
  readonly announcer: Announcer;
  readonly machines: MachineCache;
  readonly limits: Limits;
  readonly log: Log;
  readonly clock: Clock;
}
