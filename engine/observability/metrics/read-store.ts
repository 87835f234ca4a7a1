import type { Store, StoreCondition } from '../../index.ts';
import { type BoundedLabels, MAX_MACHINES } from './bounded-labels.ts';
import type { Catalog } from './catalog.ts';

export interface ShardsOfProcess {
  /** Of the deployment. */
  readonly count: number;
  /** Those that the engine of this process owns now; undefined without an engine. */
  owned(): readonly number[] | undefined;
}

type ReadStore = Pick<Store, 'statistics' | 'registry'>;

/** Reads how the store stands. Gauges of what it does not tell are absent: a number that is not known is none. */
export async function readStore(metrics: Catalog, store: ReadStore, shards: ShardsOfProcess, machines: BoundedLabels) {
  forget(metrics);
  const all = Array.from({ length: shards.count }, (_, shard) => shard);
  const owned = shards.owned();
  const [condition, statistics] = await Promise.all([
    store.statistics.condition(true),
    store.statistics.shards(all),
    owned && readOpen(metrics, store, owned, machines),
  ]);
  tellCondition(metrics, condition);
  metrics.shardsUnowned.set(statistics.filter(({ lease }) => lease === undefined).length);
  if (!owned) return;
  const own = statistics.filter(({ shard }) => owned.includes(shard));
  const sum = (of: (shard: (typeof own)[number]) => number): number => own.reduce((total, each) => total + of(each), 0);
  metrics.shardsOwned.set(owned.length);
  metrics.inboxEntries.set(sum(({ inbox }) => inbox.entries));
  metrics.inboxOldest.set(Math.max(0, ...own.map(({ inbox }) => inbox.oldestMs)) / 1000);
  metrics.outboxTasks.set(sum(({ outboxTasks }) => outboxTasks));
  metrics.timersWaiting.set(sum(({ timers }) => timers));
  metrics.timersDue.set(sum(({ timersDue }) => timersDue));
  const leases = own.flatMap(({ lease }) => lease?.leftMs ?? []);
  if (leases.length > 0) metrics.leaseLeft.set(Math.min(...leases) / 1000);
}

/** What was read before is not true any more, whether or not it can be read now. */
function forget(metrics: Catalog): void {
  const { executionsOpen, shardsOwned, shardsUnowned, leaseLeft, inboxEntries, inboxOldest, outboxTasks } = metrics;
  const { timersWaiting, timersDue, storeRoundTrip, storeMemoryUsed, storeMemoryLimit, storeLogOk } = metrics;
  for (const gauge of [executionsOpen, shardsOwned, shardsUnowned, leaseLeft, inboxEntries, inboxOldest, outboxTasks])
    gauge.clear();
  for (const gauge of [timersWaiting, timersDue, storeRoundTrip, storeMemoryUsed, storeMemoryLimit, storeLogOk])
    gauge.clear();
  metrics.storeUp.set(0);
}

function tellCondition(metrics: Catalog, { refusal, roundTripMs, memory, persistence }: StoreCondition): void {
  metrics.storeUp.set(refusal === undefined ? 1 : 0);
  metrics.storeRoundTrip.set(roundTripMs / 1000);
  if (persistence) metrics.storeLogOk.set(persistence.log && persistence.lastWriteOk ? 1 : 0);
  if (!memory) return;
  metrics.storeMemoryUsed.set(memory.usedBytes);
  if (memory.limitBytes !== undefined) metrics.storeMemoryLimit.set(memory.limitBytes);
}

/** A count per machine and shard: the machines are bounded as their labels are. */
async function readOpen(metrics: Catalog, store: ReadStore, owned: readonly number[], labels: BoundedLabels) {
  const { machines } = await store.registry.listMachines({ limit: MAX_MACHINES });
  const standard = machines.filter(({ type }) => type === 'STANDARD');
  const counts = await store.statistics.openExecutions(
    standard.map(({ stateMachineArn }) => stateMachineArn),
    owned,
  );
  // Machines of other regions and accounts may have the same name.
  const sums = new Map<string, number>();
  for (const [index, { name }] of standard.entries()) {
    const label = labels.of(name);
    sums.set(label, (sums.get(label) ?? 0) + (counts[index] ?? 0));
  }
  for (const [label, sum] of sums) metrics.executionsOpen.set(sum, label);
}
