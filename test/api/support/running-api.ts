import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { FastifyInstance } from 'fastify';
import { createSeal } from '../../../api/auth/seal.ts';
import type { Monitoring } from '../../../api/monitoring.ts';
import { OpenExecutions } from '../../../api/open-executions.ts';
import type { ApiConfig, ApiDeps } from '../../../api/operation.ts';
import { createApi, type Patience } from '../../../api/server.ts';
import type { ExpressOptions } from '../../../engine/express/express-runner.ts';
import {
  ActivitySettingsWatch,
  AWS_LIMITS,
  checkDefinition,
  createActivityStatistics,
  createAttributeReader,
  createExpressRunner,
  createHandOuts,
  createReferenceReader,
  createStateTester,
  jsonFault,
  systemClock,
  type TaskQueue,
} from '../../../engine/index.ts';
import { executionId, uuidOf } from '../../../engine/store/execution-id.ts';
import { createMemoryTaskQueue } from '../../../engine/tasks/memory.ts';
import type { QueueStatistics } from '../../../engine/tasks/queue.ts';
import type { PerformTask } from '../../../schemas/task.ts';
import { WatchedStore } from './watched-store.ts';

/** A running API over a store without an engine, and clients for it. */
export interface RunningApi {
  readonly app: FastifyInstance;
  /** What it was made from. */
  readonly deps: ApiDeps;
  readonly store: WatchedStore;
  readonly queue: TaskQueue;
  readonly client: SFNClient;
  readonly port: number;
  /** What is drawn next. */
  readonly random: { next: number };
  /** Lines that were logged. */
  readonly logged: { fields: object; message: string }[];
  post(target: string | undefined, body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  call(operation: string, input: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

const CONFIG: ApiConfig = {
  accountId: '000000000000',
  region: 'us-east-1',
  maxPayloadBytes: 262_144,
  maxDefinitionBytes: 1_048_576,
  pollMs: 200,
  redrivableMs: 14 * 86_400_000,
  maxHistoryEvents: 25_000,
  maxStreams: 100,
  openTo: 'this machine',
  corsOrigins: [],
  maxOpenExecutions: 1000,
};
const SOUND = { status: 'ok', checks: [] } as const;
const UNWATCHED: Monitoring = { metrics: async () => '', alive: () => SOUND, ready: async () => SOUND };
const SECRET_KEY = 'a key that only tests seal their secrets with';
/** Webhooks are tested with whole servers. */
const NO_DELIVERIES: ApiDeps['webhooks']['deliveries'] = {
  add: async () => {},
  list: async () => ({ deliveries: [] }),
  redeliver: async () => undefined,
  counts: async () => ({ pending: 0, failed: 0 }),
  forget: async () => {},
};
const NO_TASKS: PerformTask = async () => ({ type: 'failed', error: 'NoTasksHere' });

const clientOf = (port: number): SFNClient =>
  new SFNClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    disableHostPrefix: true,
    maxAttempts: 1,
  });

async function dispatchOf({ permits, polls }: WatchedStore, queue: TaskQueue & Partial<QueueStatistics>) {
  const ports = { permits, clock: systemClock, log: { info() {}, warn() {}, error() {} } };
  const activities = new ActivitySettingsWatch(ports);
  await activities.start();
  const depth = queue.depth ?? (async () => ({ tasks: 0, oldestMs: undefined }));
  return {
    activities,
    handOuts: createHandOuts({ ...ports, polls, queue, settings: activities, process: 'test' }),
    activityStatistics: createActivityStatistics({ permits, polls, queue: { depth } }),
  };
}

export async function runApi(
  settings: Partial<ApiConfig> = {},
  queue: TaskQueue & Partial<QueueStatistics> = createMemoryTaskQueue(),
  patience?: Patience,
  expressOptions: Partial<ExpressOptions> = {},
): Promise<RunningApi> {
  const store = new WatchedStore();
  const logged: RunningApi['logged'] = [];
  const random = { next: 0 };
  const note = (fields: object, message: string) => {
    logged.push({ fields, message });
  };
  const { perform = NO_TASKS, limits = AWS_LIMITS } = expressOptions;
  const express = createExpressRunner({
    registry: store.registry,
    perform,
    limits,
    log: { info: note, warn: note, error: note },
    ...expressOptions,
  });
  const { activities, handOuts, activityStatistics } = await dispatchOf(store, queue);
  const deps: ApiDeps = {
    store,
    queue,
    handOuts,
    webhooks: { deliveries: NO_DELIVERIES, secrets: { keep: (secret) => secret }, reaches: () => true },
    activityStatistics,
    express,
    tester: createStateTester({ perform, limits }),
    machines: { check: checkDefinition, references: createReferenceReader(), attributes: createAttributeReader() },
    jsonFault,
    config: { ...CONFIG, ...settings },
    ids: { uuid: randomUUID, uuidOf, executionId },
    random: () => random.next,
    openExecutions: new OpenExecutions(store, settings.maxOpenExecutions ?? CONFIG.maxOpenExecutions),
    seal: createSeal(SECRET_KEY),
    log: { info: note, warn: note, error: note },
    monitoring: UNWATCHED,
  };
  const app = createApi(deps, patience);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const client = clientOf(port);
  const post: RunningApi['post'] = (target, body, headers = {}) => {
    const targeted = target === undefined ? {} : { 'x-amz-target': target };
    return send(port, 'POST', body, { 'content-type': 'application/x-amz-json-1.0', ...targeted, ...headers });
  };
  return {
    app,
    deps,
    store,
    queue,
    client,
    port,
    random,
    logged,
    post,
    call: (operation, input) => post(`AWSStepFunctions.${operation}`, JSON.stringify(input)),
    async close() {
      client.destroy();
      await activities.stop();
      await handOuts.close();
      await queue.close();
      await Promise.all([express.stop(0), app.close()]);
    },
  };
}

/** One request on a connection of its own. */
export function send(
  port: number,
  method: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  path = '/',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, method, path, headers, agent: false, host: '127.0.0.1' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = text !== '' && /json/.test(response.headers['content-type'] ?? '');
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text, body: isJson ? JSON.parse(text) : {} });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
