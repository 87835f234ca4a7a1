import type { ActivityStatistics, Store } from '../../index.ts';
import { type BoundedLabels, MAX_ACTIVITIES } from './bounded-labels.ts';
import type { Catalog } from './catalog.ts';
import type { ShardsOfProcess } from './read-store.ts';

/** What tells about the whole deployment is told once: by the engine that owns this shard. */
const TELLING_SHARD = 0;

/** Reads how many tasks wait for workers, by the name of their activity. */
export async function readActivities(
  metrics: Catalog,
  registry: Store['registry'],
  statistics: ActivityStatistics,
  shards: ShardsOfProcess,
  labels: BoundedLabels,
): Promise<void> {
  metrics.activityTasks.clear();
  metrics.activityOldest.clear();
  if (!shards.owned()?.includes(TELLING_SHARD)) return;
  const { activities } = await registry.listActivities({ limit: MAX_ACTIVITIES });
  const numbers = await statistics.read(activities);
  // Activities of other regions and accounts may have the same name.
  const sums = new Map<string, { tasks: number; oldestMs: number }>();
  for (const [index, { name }] of activities.entries()) {
    const { waitingTasks = 0, oldestWaitingMs = 0 } = numbers[index] ?? {};
    const label = labels.of(name);
    const { tasks, oldestMs } = sums.get(label) ?? { tasks: 0, oldestMs: 0 };
    sums.set(label, { tasks: tasks + waitingTasks, oldestMs: Math.max(oldestMs, oldestWaitingMs) });
  }
  for (const [label, { tasks, oldestMs }] of sums) {
    metrics.activityTasks.set(tasks, label);
    metrics.activityOldest.set(oldestMs / 1000, label);
  }
}
