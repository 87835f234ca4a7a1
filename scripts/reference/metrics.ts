import { createCatalog } from '../../engine/observability/metrics/catalog.ts';
import { code, codes, page, table } from './markdown.ts';

const ABOUT = `${code('GET /metrics')} answers these in the text format of Prometheus. What an engine tells is about its own shards, so sums over all
processes are right; what has no value at the moment is absent. ${code('state_machine')} tells 200 machines apart, the rest are ${code('other')}. What
to watch of it is in [operating.md](../operating.md#metrics).`;

export function metricsPage(): string {
  const rows = Object.values(createCatalog()).map(({ type, description: { name, labels, about } }) => [
    code(name),
    type,
    codes(labels),
    about,
  ]);
  return page('Metrics', ABOUT, table(['Metric', 'Type', 'Labels', 'About'], rows));
}
