import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { createRedisStore } from '../../engine/store/redis/redis-store.ts';
import type { SearchFilter } from '../../engine/store/search.ts';
import { useRedis } from '../support/redis.ts';
import { begin, commit, MACHINE, SHARDS } from './store/fixtures.ts';

/** A process of a version that does not know an index leaves behind what it does not know. */

const redis = useRedis();
const endings: (() => unknown)[] = [];
let prefixes = 0;

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** An execution of a machine with attributes that waits in a state, in a shard that can be reached under its store. */
async function beginIndexed() {
  const prefix = `stale-${++prefixes}`;
  const store = await createRedisStore({ url: redis.url, shards: SHARDS, retentionMs: 1e9, prefix });
  const client = new Redis(redis.url);
  endings.push(
    () => store.close(),
    () => client.disconnect(),
  );
  const begun = await begin(store, 'a', { attributes: { city: 'Wien' } });
  await commit(begun, { entered: ['Pay'] });
  const base = `${prefix}:{s0${begun.shard}}:`;
  const execution = `${base}x:${begun.record.executionId}`;
  const find = async (filter: SearchFilter) =>
    (await store.search.find(filter, { limit: 9 })).executions.map(({ name, status }) => `${name} ${status}`);
  return { store, client, begun, base, execution, find };
}

const CLOSED = '1700000000000{"status":"FAILED","error":"E"}';

const filters: SearchFilter[] = [
  { status: 'RUNNING' },
  { stateMachineArn: MACHINE, status: 'RUNNING' },
  { stateMachineArn: MACHINE, status: 'RUNNING', attributes: { city: 'Wien' } },
  { stateMachineArn: MACHINE, waitingIn: 'Pay' },
  { namePrefix: 'a', status: 'RUNNING' },
];

describe('an execution that was closed by a process that does not know its indexes', () => {
  test.each(filters)('is not found by %j, and found as it is from then on', async (filter) => {
    const { client, execution, find } = await beginIndexed();
    expect(await find(filter)).toEqual(['a RUNNING']);
    await client.hset(execution, 's', CLOSED);
    expect(await find(filter)).toEqual([]);
    for (const each of [{ status: 'FAILED' }, { error: 'E' }, { stateMachineArn: MACHINE, error: 'E' }] as const) {
      expect(await find(each)).toEqual(['a FAILED']);
    }
    expect(await find({ stateMachineArn: MACHINE, attributes: { city: 'Wien' } })).toEqual(['a FAILED']);
  });

  test('leaves the count of those in its state when it is found there', async () => {
    const { store, client, execution, find } = await beginIndexed();
    await client.hset(execution, 's', CLOSED);
    await find({ stateMachineArn: MACHINE, waitingIn: 'Pay' });
    expect(await store.search.counts(MACHINE)).toMatchObject({ statuses: { RUNNING: 0, FAILED: 1 }, states: [] });
  });
});

describe('an execution that such a process opened again', () => {
  test('is told as it stands', async () => {
    const { client, execution, find } = await beginIndexed();
    await client.hset(execution, 's', CLOSED);
    await find({ status: 'RUNNING' });
    await client.hdel(execution, 's');
    expect(await find({ error: 'E' })).toEqual([]);
    expect(await find({ status: 'FAILED' })).toEqual([]);
    expect(await find({})).toEqual(['a RUNNING']);
  });
});

describe('an execution that such a process removed', () => {
  test.each(filters)('is not found by %j, and leaves what it was found in', async (filter) => {
    const { client, base, execution, find } = await beginIndexed();
    const before = await client.zcard(`${base}i:*:RUNNING`);
    await client.del(execution);
    expect(await find(filter)).toEqual([]);
    expect(await find({})).toEqual([]);
    expect([before, await client.zcard(`${base}i:*:RUNNING`)]).toEqual([1, 0]);
  });
});
