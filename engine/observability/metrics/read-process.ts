import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Catalog } from './catalog.ts';

/** How late the event loop may be found late: a timer that goes off every so many milliseconds measures it. */
const RESOLUTION_MS = 20;
const NS = 1e9;

/** Reads how the process itself does. */
export function createProcessReader(metrics: Catalog): { read(): void; stop(): void } {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  // What the histogram holds is the time between two turns: the delay is what goes beyond the resolution.
  const late = (ns: number): number => Math.max(0, ns / NS - RESOLUTION_MS / 1000);
  metrics.processStart.set(performance.timeOrigin / 1000);
  return {
    read() {
      const { user, system } = process.cpuUsage();
      metrics.processCpu.at(['user']).value = user / 1e6;
      metrics.processCpu.at(['system']).value = system / 1e6;
      const { rss, heapUsed } = process.memoryUsage();
      metrics.processMemory.set(rss);
      metrics.processHeap.set(heapUsed);
      for (const quantile of [0.5, 0.99])
        metrics.eventLoopDelay.set(late(loop.percentile(quantile * 100)), String(quantile));
      metrics.eventLoopDelay.set(late(loop.max), '1');
      loop.reset();
    },
    stop: () => loop.disable(),
  };
}
