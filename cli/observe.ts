import { createMonitoringServer, type Monitoring } from '../api/monitoring.ts';
import type { ActivityStatistics, Log, Store, TaskQueue } from '../engine/index.ts';
import { createHealth } from '../engine/observability/health/health.ts';
import { createMetrics } from '../engine/observability/metrics/metrics.ts';
import { createTraces, type Traces } from '../engine/observability/traces/traces.ts';
import type { Config } from '../schemas/config.ts';
import { cannotListen, METRICS_PORT } from './start-checks.ts';
import { readVersion } from './version.ts';

export interface Observed {
  readonly store: Store;
  readonly polls: Polls;
  readonly activities: ActivityStatistics;
  /** The shards that this process owns now; undefined without an engine. */
  owned(): readonly number[] | undefined;
  readonly log: Log;
}

/** How a process is watched: its metrics and its health, on the port of the API or on one of their own, and its traces. */
export interface Observation {
  /** What the API and the task runner need of it. `traceparentOf` is undefined when nobody collects traces. */
  readonly ports: {
    readonly monitoring: Monitoring;
    readonly traceparentOf: Traces['traceparentOf'] | undefined;
  };
  /** Listens on `STEPYARD_METRICS_PORT`, if it is set. */
  listen(): Promise<void>;
  /** The process was told to stop. */
  drain(): void;
  stop(): Promise<void>;
}

export async function observe(
  config: Config,
  { store, polls, activities, owned, log }: Observed,
): Promise<Observation> {
  const { count } = store.shards;
  const { role, host, metricsPort } = config;
  const version = readVersion();
  const metrics = createMetrics({ store, activities, shards: { count, owned }, version, role, polls });
  const onDropped = (reason: string) => metrics.catalog.tracesDropped.add(1, reason);
  const traces = await createTraces({ env: process.env, store, version, log, onDropped });
  const health = createHealth({ store, shardCount: count, owned });
  const monitoring: Monitoring = {
    metrics: () => metrics.text(),
    alive: () => health.alive(),
    ready: () => health.ready(),
  };
  const server = metricsPort === undefined ? undefined : createMonitoringServer(monitoring);
  return {
    ports: { monitoring, traceparentOf: traces?.traceparentOf },
    async listen() {
      if (!server || metricsPort === undefined) return;
      await server.listen({ host, port: metricsPort }).catch((error: unknown) => {
        throw cannotListen(error, { host, port: metricsPort }, METRICS_PORT);
      });
    },
    drain: () => health.drain(),
    async stop() {
      await server?.close();
      await traces?.stop(TRACES_MS);
      metrics.stop();
      health.stop();
    },
  };
}

/** How long stopping waits for traces that are on their way. */
const TRACES_MS = 3000;

/** How many callers wait for a task. */
export interface Polls {
  readonly waiting: number;
}

/** The queue, and how many calls wait for tasks of activities. */
export function countPolls(queue: TaskQueue): { queue: TaskQueue; polls: Polls } {
  const polls = { waiting: 0 };
  const take: TaskQueue['take'] = (resource, waitMs, signal) => {
    if (!resource.includes(':activity:')) return queue.take(resource, waitMs, signal);
    polls.waiting += 1;
    return queue.take(resource, waitMs, signal).finally(() => {
      polls.waiting -= 1;
    });
  };
  return { queue: { ...queue, take }, polls };
}
