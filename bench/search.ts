import type { Store } from '../engine/index.ts';
import { createRedisStore } from '../engine/store/redis/redis-store.ts';
import type { SearchFilter } from '../engine/store/search.ts';
import type { PrivateRedis } from './private-redis.ts';
import {
  attributesOf,
  ERRORS,
  MACHINES,
  machineOf,
  SHARDS,
  SPAN_MS,
  STATES,
  seedExecutions,
} from './seed-executions.ts';
import { percentile } from './statistics.ts';
import { machineArnOf } from './workload.ts';

export interface SearchFigures {
  readonly name: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Rows of a page, on average. */
  readonly rows: number;
}

export interface SearchReport {
  readonly queries: readonly SearchFigures[];
  readonly seedSeconds: number;
  readonly bytesPerExecution: number;
}

const LIMIT = 50;

/** Fills the server with executions that nobody ran, and looks for some of them again and again, one query at a time. */
export async function searchRound(redis: PrivateRedis, executions: number, times: number): Promise<SearchReport> {
  await redis.clear();
  const before = await redis.usedMemory();
  const began = performance.now();
  const now = Date.now();
  await seedExecutions(redis.admin, executions, now);
  const seedSeconds = (performance.now() - began) / 1000;
  const bytesPerExecution = ((await redis.usedMemory()) - before) / executions;
  const onError = (error: Error): void => console.error(error);
  const store = await createRedisStore({ url: redis.url, shards: SHARDS, retentionMs: 1e12, onError });
  const queries: SearchFigures[] = [];
  try {
    for (const [name, query] of Object.entries(queriesOf(store, executions, now))) {
      queries.push({ name, ...(await measure(query, executions, times)) });
    }
  } finally {
    await store.close();
  }
  return { queries, seedSeconds, bytesPerExecution };
}

/** Answers how many rows it found. @param number of the execution that it is about */
type Query = (number: number) => Promise<number>;

async function measure(query: Query, executions: number, times: number): Promise<Omit<SearchFigures, 'name'>> {
  const latencies: number[] = [];
  let rows = 0;
  for (let time = -Math.ceil(times / 10); time < times; time += 1) {
    // Far from each other, and the same in every run.
    const number = Math.abs(time * 104_729) % executions;
    const began = performance.now();
    const found = await query(number);
    if (time < 0) continue;
    latencies.push(performance.now() - began);
    rows += found;
  }
  const [p50Ms, p95Ms, p99Ms] = [50, 95, 99].map((percent) => percentile(latencies, percent));
  return { p50Ms: p50Ms ?? 0, p95Ms: p95Ms ?? 0, p99Ms: p99Ms ?? 0, rows: rows / times };
}

function queriesOf(store: Store, executions: number, now: number): Record<string, Query> {
  const startMs = (number: number): number => now - SPAN_MS + Math.floor((SPAN_MS * number) / executions);
  const found = async (filter: SearchFilter): Promise<number> =>
    (await store.search.find(filter, { limit: LIMIT })).executions.length;
  /** About the machine of the execution with that number, and what that has. */
  const about = (filterOf: (has: ReturnType<typeof attributesOf>, number: number) => object): Query => {
    return (number) => {
      const filter = filterOf(attributesOf(number, executions), number);
      return found({ stateMachineArn: machineArnOf(machineOf(number)), ...filter });
    };
  };
  return {
    'ListExecutions: a machine, status': async (number) => {
      const filter = { list: machineArnOf(machineOf(number)), status: 'SUCCEEDED' } as const;
      return (await store.executions.list(filter, { limit: LIMIT })).executions.length;
    },
    'all machines': () => found({}),
    'all machines, status': () => found({ status: 'FAILED' }),
    'all machines, status, an hour': (number) =>
      found({ status: 'FAILED', startedAfterMs: startMs(number), startedBeforeMs: startMs(number) + 3_600_000 }),
    'a machine, an hour': about((_has, number) => ({
      startedAfterMs: startMs(number),
      startedBeforeMs: startMs(number) + 3_600_000,
    })),
    'attribute of one': about(({ orderId }) => ({ attributes: { orderId } })),
    'attribute of few, status': about(({ customer }) => ({ status: 'SUCCEEDED', attributes: { customer } })),
    'attribute of many, status': about(({ region }) => ({ status: 'SUCCEEDED', attributes: { region } })),
    'attribute of many, rare status': about(({ region }) => ({ status: 'ABORTED', attributes: { region } })),
    'two attributes': about(({ customer, region }) => ({ attributes: { customer, region } })),
    'two attributes that nothing has': about(({ region }) => ({ attributes: { region, customer: 'nobody' } })),
    'attribute of many, an error': about(({ region }, number) => ({
      attributes: { region },
      error: ERRORS[number % ERRORS.length],
    })),
    'attribute of many, an hour': about(({ region }, number) => ({
      attributes: { region },
      startedAfterMs: startMs(number),
      startedBeforeMs: startMs(number) + 3_600_000,
    })),
    'error, all machines': (number) => found({ error: ERRORS[number % ERRORS.length] ?? '' }),
    'state, open': about((_has, number) => ({ waitingIn: STATES[number % STATES.length] })),
    'state, attribute of many': about(({ region }, number) => ({
      waitingIn: STATES[number % STATES.length],
      attributes: { region },
    })),
    name: (number) => found({ namePrefix: `${machineOf(number)}-${String(number).padStart(8, '0')}` }),
    'beginning of a name, a machine': about((_has, number) => ({
      namePrefix: `${machineOf(number)}-${String(number).padStart(8, '0').slice(0, 5)}`,
    })),
    'beginning of a name, rare status': about(() => ({ namePrefix: 'orders-', status: 'ABORTED' })),
    'beginning of names, attribute of few': about(({ customer }) => ({
      namePrefix: 'orders-',
      attributes: { customer },
    })),
    'counts of a machine': async (number) =>
      (await store.search.counts(machineArnOf(machineOf(number)))).states?.length ?? 0,
    'counts of all machines': async () => Object.keys((await store.search.counts()).statuses).length,
  };
}

export const searchTitle = (executions: number): string =>
  `${executions} executions of ${MACHINES} machines, ${SHARDS} shards, pages of ${LIMIT}`;
