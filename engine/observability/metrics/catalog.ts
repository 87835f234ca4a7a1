import { Counter, Gauge, Histogram, type Instrument } from './instruments.ts';

/** Every metric, in the order in which they are told: the reference page is made from this table. */

/** In seconds: from what a request takes to what people take. */
const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const SLOW = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86_400];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

const prefixed = (name: string, labels: readonly string[], about: string) => ({
  name: `stepyard_${name}`,
  labels,
  about,
});

const counter = (name: string, labels: readonly string[], about: string): Counter =>
  new Counter(prefixed(`${name}_total`, labels, about));

const gauge = (name: string, labels: readonly string[], about: string): Gauge =>
  new Gauge(prefixed(name, labels, about));

const histogram = (name: string, labels: readonly string[], boundaries: readonly number[], about: string): Histogram =>
  new Histogram(prefixed(name, labels, about), boundaries);

const ofBuild = () => ({
  buildInfo: gauge('build_info', ['version', 'role'], '1, with what runs here'),
});

const ofExecutions = () => ({
  executionsStarted: counter('executions_started', ['state_machine'], 'Standard executions that this engine began'),
  executionsClosed: counter('executions_closed', ['state_machine', 'status'], 'Executions that this engine closed'),
  executionDuration: histogram(
    'execution_duration_seconds',
    ['status'],
    SLOW,
    'From the start of an execution to its close',
  ),
  executionsOpen: gauge('executions_open', ['state_machine'], 'Executions that are open in the shards of this engine'),
  stateTransitions: counter('state_transitions', [], 'States that executions entered'),
  historyEvents: counter('history_events', [], 'History events that were written'),
});

const ofTasks = () => ({
  tasksScheduled: counter('tasks_scheduled', ['service'], 'Attempts of tasks that were scheduled'),
  taskScheduleToStart: histogram(
    'task_schedule_to_start_seconds',
    ['service'],
    SLOW,
    'From the scheduling of an attempt until a worker has it',
  ),
  taskRun: histogram(
    'task_run_seconds',
    ['service', 'outcome'],
    SLOW,
    'From when a worker has an attempt until it ends',
  ),
  activityTasks: gauge(
    'activity_tasks_waiting',
    ['activity'],
    'Tasks of an activity that no worker has; told by the engine that owns shard 0',
  ),
  activityOldest: gauge(
    'activity_oldest_task_seconds',
    ['activity'],
    'How long the oldest of them has waited; told by the engine that owns shard 0',
  ),
  pollsWaiting: gauge('polls_waiting', [], 'GetActivityTask calls that wait for a task in this process'),
});

const ofRequests = () => ({
  apiRequests: counter('api_requests', ['operation', 'outcome'], 'Requests that were answered: ok, or the error'),
  apiRequestDuration: histogram(
    'api_request_duration_seconds',
    ['operation'],
    FAST,
    'From a request to its answer; GetActivityTask waits for a task in that time',
  ),
});

const ofWebhooks = () => ({
  webhookDeliveries: counter('webhook_deliveries', ['outcome'], 'Attempts to post a status change to a webhook'),
  webhookDuration: histogram('webhook_delivery_duration_seconds', [], FAST, 'How long such an attempt took'),
});

const ofShards = () => ({
  shardsOwned: gauge('shards_owned', [], 'Shards that this engine owns'),
  shardsUnowned: gauge('shards_unowned', [], 'Shards of the deployment without a living owner; all processes tell it'),
  shardChanges: counter('shard_changes', ['change'], 'Shards that this engine took and lost'),
  archived: counter('archived', ['outcome'], 'Closed executions that were archived, and attempts that failed'),
  leaseLeft: gauge(
    'lease_left_seconds',
    [],
    'How long the lease of a shard of this engine holds unless it is renewed: that which ends first',
  ),
  inboxEntries: gauge('inbox_entries', [], 'Stimuli that wait in the shards of this engine'),
  inboxOldest: gauge('inbox_oldest_entry_seconds', [], 'How long the oldest of them has waited'),
  outboxTasks: gauge('outbox_tasks', [], 'Tasks in the shards of this engine that no worker has started'),
  timersWaiting: gauge('timers_waiting', [], 'Timers that are set in the shards of this engine'),
  timersDue: gauge('timers_due', [], 'Those of them that are due and have not fired'),
});

const ofCommits = () => ({
  commitDuration: histogram('commit_duration_seconds', [], FAST, 'How long the store took to commit a batch'),
  interpretDuration: histogram('interpret_duration_seconds', [], FAST, 'How long interpreting a batch took'),
  commitEntries: histogram('commit_entries', [], SIZES, 'Stimuli that a batch consumed'),
});

const ofStore = () => ({
  storeUp: gauge('store_up', [], '1 while the store answers and takes writes'),
  storeRoundTrip: gauge('store_round_trip_seconds', [], 'How long Redis took to answer just now'),
  storeMemoryUsed: gauge('store_memory_used_bytes', [], 'Memory that Redis uses'),
  storeMemoryLimit: gauge('store_memory_limit_bytes', [], 'Memory that Redis may use, or its machine has'),
  storeLogOk: gauge('store_log_ok', [], '1 while Redis keeps an append-only log and can write it'),
});

const ofProcess = () => ({
  eventLoopDelay: gauge(
    'event_loop_delay_seconds',
    ['quantile'],
    'How late the event loop was since the last scrape; quantile 1 is the worst',
  ),
  processCpu: counter('process_cpu_seconds', ['mode'], 'CPU time of the process'),
  processMemory: gauge('process_resident_memory_bytes', [], 'Memory that the process has'),
  processHeap: gauge('process_heap_used_bytes', [], 'Memory that JavaScript objects have'),
  processStart: gauge('process_start_time_seconds', [], 'When the process began, in seconds since 1970'),
});

const ofTraces = () => ({
  tracesDropped: counter('traces_dropped', ['reason'], 'Executions whose traces were not sent'),
});

/** A new set of all metrics, with nothing counted yet. */
export const createCatalog = () =>
  ({
    ...ofBuild(),
    ...ofExecutions(),
    ...ofTasks(),
    ...ofRequests(),
    ...ofWebhooks(),
    ...ofShards(),
    ...ofCommits(),
    ...ofStore(),
    ...ofProcess(),
    ...ofTraces(),
  }) satisfies Record<string, Instrument>;

export type Catalog = ReturnType<typeof createCatalog>;
