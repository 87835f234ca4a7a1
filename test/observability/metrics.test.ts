import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StoreStatistics, TELEMETRY } from '../../engine/index.ts';
import { BoundedLabels } from '../../engine/observability/metrics/bounded-labels.ts';
import { createCatalog } from '../../engine/observability/metrics/catalog.ts';
import { Histogram } from '../../engine/observability/metrics/instruments.ts';
import { createMetrics, type Metrics } from '../../engine/observability/metrics/metrics.ts';
import { activity, EngineInMemory } from './support/engine-in-memory.ts';

/** What Prometheus is told. */

let engine: EngineInMemory;
let metrics: Metrics;
const polls = { waiting: 3 };
const NUMBERS = {
  waitingTasks: 7,
  oldestWaitingMs: 1500,
  tasksInProgress: undefined,
  pollers: 0,
  workers: [],
  lastHandOutMs: undefined,
};

function measure(statistics: Partial<StoreStatistics> = {}, owned: readonly number[] | null = [0, 1]): Metrics {
  const { store } = engine;
  const watched = { registry: store.registry, statistics: { ...bound(store.statistics), ...statistics } };
  return createMetrics({
    store: watched,
    activities: { read: async (asked) => asked.map(() => NUMBERS) },
    shards: { count: 2, owned: () => owned ?? undefined },
    version: '1.2.3',
    role: 'all',
    polls,
  });
}

const bound = (statistics: StoreStatistics): StoreStatistics => ({
  shards: (numbers) => statistics.shards(numbers),
  openExecutions: (arns, shards) => statistics.openExecutions(arns, shards),
  condition: (tryWriting) => statistics.condition(tryWriting),
});

beforeEach(async () => {
  engine = await EngineInMemory.start();
  metrics = measure();
});
afterEach(async () => {
  metrics.stop();
  await engine.stop();
});

/** The samples of metrics whose names begin so, without the prefix. */
async function samples(prefix: string, of = metrics): Promise<Record<string, number>> {
  const lines = (await of.text()).split('\n').filter((line) => line.startsWith(`stepyard_${prefix}`));
  return Object.fromEntries(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice('stepyard_'.length, space), Number(line.slice(space + 1))];
    }),
  );
}

const TASK = { StartAt: 'A', States: { A: { Type: 'Task', Resource: activity('pay'), End: true } } };
const FAIL = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Fail' } } };

describe('the archive', () => {
  test('counts what it took and how often it failed', async () => {
    TELEMETRY.executionArchived.publish({ executionArn: 'arn' });
    TELEMETRY.executionArchived.publish({ executionArn: 'arn' });
    TELEMETRY.archiveFailed.publish({ shard: 0, message: 'no route' });
    expect(await samples('archived')).toEqual({
      'archived_total{outcome="ok"}': 2,
      'archived_total{outcome="failed"}': 1,
    });
  });
});

describe('executions', () => {
  test('are counted by machine and by how they close', async () => {
    await engine.run('fails', FAIL);
    expect(await samples('executions_')).toEqual({
      'executions_started_total{state_machine="fails"}': 1,
      'executions_closed_total{state_machine="fails",status="FAILED"}': 1,
      'executions_open{state_machine="fails"}': 0,
    });
    expect(await samples('state_transitions')).toEqual({ state_transitions_total: 2 });
    expect(await samples('execution_duration_seconds_count')).toEqual({
      'execution_duration_seconds_count{status="FAILED"}': 1,
    });
  });

  test('that are open are told as such', async () => {
    await engine.start('waits', { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 3600, End: true } } });
    expect(await samples('executions_open')).toEqual({ 'executions_open{state_machine="waits"}': 1 });
  });
});

test('tasks are counted by service, with the times until they start and end', async () => {
  engine.work('pay', () => ({ type: 'succeeded', output: '{}' }));
  await engine.run('pays', TASK);
  expect(await samples('tasks_')).toEqual({ 'tasks_scheduled_total{service="activity"}': 1 });
  expect(await samples('task_schedule_to_start_seconds_count')).toEqual({
    'task_schedule_to_start_seconds_count{service="activity"}': 1,
  });
  expect(await samples('task_run_seconds_count')).toEqual({
    'task_run_seconds_count{service="activity",outcome="succeeded"}': 1,
  });
});

describe('the store', () => {
  test('is told of with the shards of this engine', async () => {
    expect(await samples('shards_')).toEqual({ shards_owned: 2, shards_unowned: 0 });
    expect(await samples('inbox_')).toEqual({ inbox_entries: 0, inbox_oldest_entry_seconds: 0 });
    expect(await samples('store_up')).toEqual({ store_up: 1 });
  });

  test('is told of by a process without an engine with nothing but what all share', async () => {
    const other = measure({}, null);
    expect(await samples('shards_', other)).toEqual({ shards_unowned: 0 });
    expect(await samples('inbox_', other)).toEqual({});
    other.stop();
  });

  test('that cannot be reached leaves out what it knows, and the rest is told', async () => {
    const away = measure({ condition: () => Promise.reject(new Error('away')) });
    expect(await samples('store_', away)).toEqual({ store_up: 0 });
    expect(await samples('shards_owned', away)).toEqual({});
    expect(await samples('polls_waiting', away)).toEqual({ polls_waiting: 3 });
    away.stop();
  });
});

describe('activities', () => {
  beforeEach(async () => {
    await engine.store.registry.createActivity({ activityArn: activity('pay'), name: 'pay' });
  });

  test('are told of with the tasks that wait', async () => {
    expect(await samples('activity_')).toEqual({
      'activity_tasks_waiting{activity="pay"}': 7,
      'activity_oldest_task_seconds{activity="pay"}': 1.5,
    });
  });

  test('are told of by one engine only', async () => {
    const other = measure({}, [1]);
    expect(await samples('activity_', other)).toEqual({});
    other.stop();
  });
});

test('the process is told of', async () => {
  expect(await samples('build_info')).toEqual({ 'build_info{version="1.2.3",role="all"}': 1 });
  expect((await samples('process_resident'))['process_resident_memory_bytes']).toBeGreaterThan(1_000_000);
  expect(Object.keys(await samples('event_loop_delay'))).toHaveLength(3);
});

test('nothing is counted any more once it is stopped', async () => {
  metrics.stop();
  await engine.run('fails', FAIL);
  expect(await samples('executions_closed')).toEqual({});
});

describe('a label', () => {
  test('that anybody may make values for is bounded', () => {
    const labels = new BoundedLabels(2);
    expect(['a', 'b', 'c', 'a', 'd', 'b'].map((value) => labels.of(value))).toEqual([
      'a',
      'b',
      'other',
      'a',
      'other',
      'b',
    ]);
  });

  test('is escaped as the format wants it', async () => {
    metrics.catalog.executionsStarted.add(1, 'a"\\\n');
    expect(await metrics.text()).toContain('{state_machine="a\\"\\\\\\n"} 1');
  });
});

test('a histogram counts up to and with its boundaries', () => {
  const histogram = new Histogram({ name: 'h', about: '', labels: [] }, [1, 2]);
  for (const value of [0.5, 1, 1.5, 2, 3]) histogram.record(value);
  expect(histogram.data().dataPoints[0]?.value).toEqual({
    buckets: { boundaries: [1, 2], counts: [2, 2, 1] },
    count: 5,
    sum: 8,
  });
});

test('every metric has a name by the conventions, and a sentence', () => {
  for (const { type, description } of Object.values(createCatalog())) {
    expect(description.name).toMatch(/^stepyard_[a-z]+(_[a-z]+)+$/);
    expect(description.name.endsWith('_total')).toBe(type === 'counter');
    expect(description.about).not.toBe('');
    for (const label of description.labels) expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
  }
});
