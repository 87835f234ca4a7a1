import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type HistogramMetricData,
  type MetricData,
} from '@opentelemetry/sdk-metrics';

/**
 * Numbers that are counted up while the process works. They are OpenTelemetry's data, but not counted by its SDK: that builds a text
 * of the labels for every value, ten times what counting costs here, and a task has a dozen values.
 */

/** What is said of a metric, in the code and in the reference. */
export interface Description {
  readonly name: string;
  readonly about: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
}

interface Cell<V> {
  readonly labels: readonly string[];
  value: V;
}

/** The values of one metric by their labels. */
class Cells<V> {
  readonly description: Description;
  readonly #cells = new Map<string, Cell<V>>();
  readonly #begin: () => V;

  constructor(description: Description, begin: () => V) {
    this.description = description;
    this.#begin = begin;
  }

  /** What is counted and has no labels is there from the beginning: a rate needs a first value. */
  protected beginAtNothing(): void {
    if (this.description.labels.length === 0) this.at([]);
  }

  at(labels: readonly string[]): Cell<V> {
    // Most have one label or two.
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join('\0');
    let cell = this.#cells.get(key);
    if (!cell) {
      cell = { labels, value: this.#begin() };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  clear(): void {
    this.#cells.clear();
  }

  protected points(): DataPoint<V>[] {
    return [...this.#cells.values()].map(({ labels, value }) => ({
      startTime: [0, 0],
      endTime: [0, 0],
      attributes: Object.fromEntries(this.description.labels.map((name, index) => [name, labels[index] ?? ''])),
      value,
    }));
  }

  protected get base() {
    const { name, about } = this.description;
    const descriptor = { name, description: about, unit: '', valueType: ValueType.DOUBLE };
    return { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  }
}

/** Grows as long as the process lives. */
export class Counter extends Cells<number> {
  readonly type = 'counter';

  constructor(description: Description) {
    super(description, () => 0);
    this.beginAtNothing();
  }

  add(value: number, ...labels: string[]): void {
    this.at(labels).value += value;
  }

  data(): MetricData {
    return { ...this.base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: this.points() };
  }
}

/** How much there is at the moment. */
export class Gauge extends Cells<number> {
  readonly type = 'gauge';

  constructor(description: Description) {
    super(description, () => 0);
  }

  set(value: number, ...labels: string[]): void {
    this.at(labels).value = value;
  }

  data(): MetricData {
    return { ...this.base, dataPointType: DataPointType.GAUGE, dataPoints: this.points() };
  }
}

type HistogramValue = HistogramMetricData['dataPoints'][number]['value'] & { count: number; sum: number };

/** How values are spread. */
export class Histogram extends Cells<HistogramValue> {
  readonly type = 'histogram';
  readonly #boundaries: readonly number[];

  constructor(description: Description, boundaries: readonly number[]) {
    super(description, () => ({
      buckets: { boundaries: [...boundaries], counts: new Array<number>(boundaries.length + 1).fill(0) },
      count: 0,
      sum: 0,
    }));
    this.#boundaries = boundaries;
    this.beginAtNothing();
  }

  record(value: number, ...labels: string[]): void {
    const spread = this.at(labels).value;
    let bucket = 0;
    while (value > (this.#boundaries[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    const { counts } = spread.buckets;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    spread.count += 1;
    spread.sum += value;
  }

  data(): MetricData {
    return { ...this.base, dataPointType: DataPointType.HISTOGRAM, dataPoints: this.points() };
  }
}

export type Instrument = Counter | Gauge | Histogram;
