import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { createSeal } from '../api/auth/seal.ts';
import { BulkRedriver } from '../api/bulk-redriver.ts';
import { createStartExecution } from '../api/in-process.ts';
import type { Monitoring } from '../api/monitoring.ts';
import { OpenExecutions } from '../api/open-executions.ts';
import type { ApiDeps } from '../api/operation.ts';
import { createApi } from '../api/server.ts';
import type { WebhookDeps } from '../api/webhooks.ts';
import {
  type ActivityStatistics,
  AWS_LIMITS,
  checkDefinition,
  createAttributeReader,
  createDataSets,
  createEngine,
  createExpressRunner,
  createObjectStores,
  createReferenceReader,
  createStateTester,
  type ExpressRunner,
  type HandOuts,
  jsonFault,
  type Limits,
  type Log,
  type StateTester,
  type Store,
  type TaskQueue,
} from '../engine/index.ts';
import { createIntegrations } from '../engine/integrations/index.ts';
import { executionId, uuidOf } from '../engine/store/execution-id.ts';
import type { Config } from '../schemas/config.ts';
import type { PerformTask } from '../schemas/task.ts';
import { createTaskRunner, type TaskRunner } from '../worker/runner/task-runner.ts';
import { openDispatch } from './dispatch.ts';
import { openNotifications } from './notifications.ts';
import { observe } from './observe.ts';
import { cannotListen, openTo } from './start-checks.ts';
import { openStores } from './stores.ts';

/** A running process: all roles or one, over one Redis. */
export interface System {
  /** Where the API listens; undefined when this process has no API. */
  readonly url: string | undefined;
  /** Takes no more work, finishes what is at hand, disconnects. */
  stop(): Promise<void>;
}

type Part = { stop(): Promise<unknown> };

/**
 * Puts a process together: store and queue, then engine, task runner and API as its role says.
 *
 * @throws StartError when Redis will not do, or the API cannot listen; what was started is stopped by then
 * @param owner this engine among those on the Redis: no other that lives may have the name. One that comes back under its
 * name has its shards at once; another name waits until the leases run out.
 */
export async function startSystem(
  config: Config,
  redisUrl: string,
  log: Log,
  owner = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
): Promise<System> {
  const onError = (error: Error) => log.warn({ err: error }, 'Redis');
  const stores = await openStores(config, redisUrl, log, onError);
  const { store, readable, archive, archived } = stores;
  const limits = limitsOf(config);
  const queues = await openQueues(config, { redisUrl, store, owner, log, onError });
  const plays = (role: Config['role']): boolean => config.role === 'all' || config.role === role;
  const parts: Part[] = [];

  const engineOptions = { ...queues.forEngine, store, owner, limits, leaseMs: config.leaseMs, log, archive };
  const engine = plays('engine') ? createEngine(engineOptions) : undefined;
  const observation = await observe(config, { ...queues.observed, store, owned: () => engine?.shards, log });
  await engine?.start();
  if (engine) parts.push(engine);
  const objectStores = createObjectStores(config);
  const dataSets = createDataSets(objectStores);
  // Whoever accepts an Express execution runs it: the API, or a task that starts one.
  const perform: PerformTask = (request, signal) => integrations(request, signal);
  const express = createExpressRunner({ registry: store.registry, perform, limits, log });
  const tester = createStateTester({ perform, limits });
  const { ports } = observation;
  const deps = apiDeps(config, { ...ports, ...queues.forApi, store: readable, express, tester, log, archived });
  const integrations = createIntegrations({
    lambda: { endpoint: config.lambdaEndpoint, scope: deps.config },
    startExecution: createStartExecution(deps),
    mapRun: { dataSets, objectStores, results: (mapRunArn) => store.mapRuns.results(mapRunArn) },
  });
  if (plays('worker')) parts.push(startRunner(config, deps, perform), queues.deliver());
  const api = plays('api') ? openApi(deps, parts) : undefined;
  const stop = async (): Promise<void> => {
    const drainedMs = performance.now() + DRAIN_MS;
    observation.drain();
    // Closes when synchronous executions have been answered.
    const closing = api?.close();
    await Promise.all(parts.map((part) => part.stop()));
    await express.stop(Math.max(0, drainedMs - performance.now()));
    await closing;
    await observation.stop();
    await dataSets.close();
    await objectStores.close();
    await queues.stop();
    await stores.close();
  };
  try {
    await api?.listen({ host: config.host, port: config.port }).catch((error) => refuse(error, config));
    await observation.listen();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: api && urlOf(api.server.address(), config.host), stop };
}

/** What waits to be done, in BullMQ: tasks, and deliveries to webhooks. @throws StoreUnavailable */
async function openQueues(
  config: Config,
  { owner, ...parts }: { redisUrl: string; store: Store; owner: string; log: Log; onError: (error: Error) => void },
) {
  const dispatch = await openDispatch(config, { ...parts, owner });
  const notifications = await openNotifications(config, parts);
  const { queue, handOuts, activityStatistics, polls } = dispatch;
  const { announcer, webhooks, deliver } = notifications;
  return {
    forEngine: { queue, announcer },
    forApi: { queue, handOuts, activityStatistics, webhooks },
    observed: { polls, activities: activityStatistics },
    deliver,
    async stop() {
      await notifications.stop();
      await dispatch.stop();
    },
  };
}

const limitsOf = ({ maxPayloadBytes, maxHistoryEvents, waitTimeScale }: Config): Limits => ({
  ...AWS_LIMITS,
  maxPayloadBytes,
  maxHistoryEvents,
  waitTimeScale,
});

function startRunner(
  { workerConcurrency: concurrency }: Config,
  { store, queue, log, traceparentOf }: ApiDeps,
  perform: PerformTask,
): Part {
  const runner: TaskRunner = createTaskRunner({
    queue,
    tasks: store.executions,
    perform,
    concurrency,
    log,
    traceparentOf,
  });
  runner.start();
  return { stop: () => runner.stop(DRAIN_MS) };
}

/** The API with what it does in the background. It does not listen yet. */
function openApi(deps: ApiDeps, parts: Part[]): ReturnType<typeof createApi> {
  const redriver = new BulkRedriver(deps);
  redriver.start();
  parts.push(redriver);
  return createApi(deps);
}

function refuse(error: unknown, config: Config): never {
  throw cannotListen(error, config);
}

interface Parts {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly handOuts: HandOuts;
  readonly webhooks: WebhookDeps;
  readonly activityStatistics: ActivityStatistics;
  readonly express: ExpressRunner;
  readonly tester: StateTester;
  readonly archived: ApiDeps['archived'];
  readonly log: Log;
  readonly monitoring: Monitoring;
  readonly traceparentOf: ApiDeps['traceparentOf'];
}

function apiDeps(config: Config, parts: Parts): ApiDeps {
  const { accountId, region, maxPayloadBytes, pollMs, maxHistoryEvents, maxStreams, maxOpenExecutions, secretKey } =
    config;
  const redrivableMs = config.redriveDays * 86_400_000;
  const limits = { maxPayloadBytes, maxDefinitionBytes: MAX_DEFINITION_BYTES, maxHistoryEvents, redrivableMs };
  return {
    ...parts,
    machines: { check: checkDefinition, references: createReferenceReader(), attributes: createAttributeReader() },
    jsonFault,
    config: {
      accountId,
      region,
      pollMs,
      maxStreams,
      ...limits,
      maxOpenExecutions,
      openTo: openTo(config),
      corsOrigins: config.corsOrigins?.split(',') ?? [],
    },
    openExecutions: new OpenExecutions(parts.store, maxOpenExecutions),
    seal: secretKey === undefined ? undefined : createSeal(secretKey),
    ids: { uuid: randomUUID, uuidOf, executionId },
    random: Math.random,
  };
}

/** How long tasks that run may take to end when the process is told to stop; others get them then. */
const DRAIN_MS = 10_000;
/** AWS: 1 MB per definition. */
const MAX_DEFINITION_BYTES = 1_048_576;

function urlOf(address: AddressInfo | string | null, host: string): string | undefined {
  if (!address || typeof address === 'string') return undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
