import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ActivityStatistics, Store } from '../../index.ts';
import { within } from '../within.ts';
import { BoundedLabels, MAX_ACTIVITIES, MAX_MACHINES } from './bounded-labels.ts';
import { type Catalog, createCatalog } from './catalog.ts';
import { countTelemetry } from './count.ts';
import { readActivities } from './read-activities.ts';
import { createProcessReader } from './read-process.ts';
import { readStore, type ShardsOfProcess } from './read-store.ts';

export interface MetricsOptions {
  readonly store: Pick<Store, 'statistics' | 'registry'>;
  readonly activities: ActivityStatistics;
  readonly shards: ShardsOfProcess;
  readonly version: string;
  readonly role: string;
  /** GetActivityTask calls that wait in this process. */
  readonly polls: { readonly waiting: number };
}

export interface Metrics {
  readonly catalog: Catalog;
  /** All of them, in the text format of Prometheus. */
  text(): Promise<string>;
  stop(): void;
}

/** A scrape waits no longer for a store that is away: then it is told without what the store knows. */
const STORE_MS = 2000;

/** The metrics of this process: counted from now on. */
export function createMetrics({ store, activities, shards, version, role, polls }: MetricsOptions): Metrics {
  const catalog = createCatalog();
  const machines = new BoundedLabels(MAX_MACHINES);
  const names = new BoundedLabels(MAX_ACTIVITIES);
  const stopCounting = countTelemetry(catalog, machines);
  const process = createProcessReader(catalog);
  // Without target_info and the labels of a scope: all are of one library, in one process.
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  const resource = resourceFromAttributes({});
  catalog.buildInfo.set(1, version, role);
  return {
    catalog,
    async text() {
      process.read();
      catalog.pollsWaiting.set(polls.waiting);
      const reading = [
        readStore(catalog, store, shards, machines),
        readActivities(catalog, store.registry, activities, shards, names),
      ];
      await Promise.all(reading.map((each) => within(STORE_MS, each).catch(() => {})));
      const metrics = Object.values(catalog)
        .map((instrument) => instrument.data())
        .filter(({ dataPoints }) => dataPoints.length > 0);
      return serializer.serialize({ resource, scopeMetrics: [{ scope: { name: 'stepyard' }, metrics }] });
    },
    stop() {
      stopCounting();
      process.stop();
    },
  };
}
