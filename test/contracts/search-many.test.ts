import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executionOf, type Seeded, SHARDS, STATES, seedExecutions } from '../../bench/seed-executions.ts';
import { createRedisStore } from '../../engine/store/redis/redis-store.ts';
import type { SearchFilter } from '../../engine/store/search.ts';
import type { Store } from '../../engine/store/store.ts';
import { useRedis } from '../support/redis.ts';

/** Searching among more executions than one page looks at, in whatever index. */

const redis = useRedis();
const COUNT = 12_000;
const PREFIX = 'many';
const NOW = 1_700_000_000_000;
const MACHINE = executionOf(3, COUNT, NOW).record.stateMachineArn;
const ATTRIBUTES = executionOf(3, COUNT, NOW).record.attributes ?? {};
const { customer = '', region = '' } = ATTRIBUTES;

let store: Store;
let client: Redis;
const all: Seeded[] = Array.from({ length: COUNT }, (_, number) => executionOf(number, COUNT, NOW));

beforeAll(async () => {
  client = new Redis(redis.url);
  await seedExecutions(client, COUNT, NOW, PREFIX);
  store = await createRedisStore({ url: redis.url, shards: SHARDS, retentionMs: 1e15, prefix: PREFIX });
});
afterAll(async () => {
  client.disconnect();
  await store.close();
});

async function pages(filter: SearchFilter, limit: number): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search.find(filter, { limit, ...(cursor !== undefined && { cursor }) });
    found.push(page.executions.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

function isMatch({ record, state, inState }: Seeded, filter: SearchFilter): boolean {
  const { status, stateMachineArn, startedAfterMs = 0, startedBeforeMs = 1e15, namePrefix = '' } = filter;
  const { error, waitingIn, attributes = {} } = filter;
  return (
    (status ?? state.status) === state.status &&
    (stateMachineArn ?? record.stateMachineArn) === record.stateMachineArn &&
    record.startMs >= startedAfterMs &&
    record.startMs < startedBeforeMs &&
    record.name.startsWith(namePrefix) &&
    (error === undefined || ('error' in state && state.error === error)) &&
    (waitingIn === undefined || inState === waitingIn) &&
    Object.entries(attributes).every(([name, value]) => record.attributes?.[name] === value)
  );
}

const middle = all[COUNT / 2]?.record.startMs ?? 0;

describe('a search among many', () => {
  test.each<SearchFilter>([
    {},
    { status: 'ABORTED' },
    { startedAfterMs: middle, startedBeforeMs: middle + 86_400_000 },
    { error: 'CardDeclined' },
    { stateMachineArn: MACHINE, attributes: { region } },
    { stateMachineArn: MACHINE, attributes: { region, customer } },
    { stateMachineArn: MACHINE, attributes: { region }, startedBeforeMs: middle },
    { stateMachineArn: MACHINE, waitingIn: STATES[0] ?? '', attributes: { region } },
    { namePrefix: '' },
    { namePrefix: 'orders-', status: 'SUCCEEDED' },
    { namePrefix: 'orders-3-00003', stateMachineArn: MACHINE },
    { namePrefix: 'orders-', stateMachineArn: MACHINE, status: 'SUCCEEDED', attributes: { region } },
    { namePrefix: 'orders-', error: 'OutOfStock', startedBeforeMs: middle },
    { namePrefix: 'orders-4', stateMachineArn: MACHINE },
  ])('finds what %j says, each once and in order', async (filter) => {
    const expected = all.filter((each) => isMatch(each, filter)).map(({ record }) => record.name);
    for (const limit of [199, 1000]) {
      const found = await pages(filter, limit);
      expect(found.every((page) => page.length <= limit)).toBe(true);
      // Numbers count up with the starts, and names with machine and number.
      expect(found.flat()).toEqual(filter.namePrefix === undefined ? expected.toReversed() : expected.toSorted());
    }
  });

  test('answers with fewer rows than asked for, and where to go on, rather than look at all', async () => {
    const { stateMachineArn } = executionOf(9, COUNT, NOW).record;
    const [first, ...others] = await pages({ namePrefix: 'orders-', stateMachineArn }, 1000);
    expect(first).toEqual([]);
    expect(others.flat()).toHaveLength(COUNT / 10);
  });

  test('counts all', async () => {
    const { statuses, states = [] } = await store.search.counts(MACHINE);
    const open = all.filter((each) => isMatch(each, { stateMachineArn: MACHINE, status: 'RUNNING' }));
    expect(statuses.RUNNING).toBe(open.length);
    expect(states.reduce((sum, { executions }) => sum + executions, 0)).toBe(open.length);
  });
});
