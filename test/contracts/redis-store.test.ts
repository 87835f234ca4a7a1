import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import type { Effect } from '../../engine/interpreter/effect.ts';
import { createRedisStore, type RedisStoreOptions } from '../../engine/store/redis/redis-store.ts';
import { ENGINE_LEVEL, type Store, StoreUnavailable } from '../../engine/store/store.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { useRedis } from '../support/redis.ts';
import {
  arrivals,
  begin,
  beginTask,
  claim,
  commit,
  executionArn,
  expire,
  newRecord,
  readAll,
  request,
  SHARDS,
  succeed,
  tokenOf,
  writeOf,
} from './store/fixtures.ts';
import { mapRunArn, note, recordOf } from './store/map-run-fixtures.ts';

/** What only the store in Redis can show: what happens when Redis or the connection to it goes away. */

const redis = useRedis();
const endings: (() => unknown)[] = [];
let prefixes = 0;

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function open(options: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const prefix = `faults-${++prefixes}`;
  const store = await createRedisStore({ url: redis.url, shards: SHARDS, retentionMs: 1e9, prefix, ...options });
  endings.push(() => store.close());
  return store;
}

function client(): Redis {
  const connection = new Redis(redis.url);
  endings.push(() => connection.disconnect());
  return connection;
}

const historyOf = async (store: Store, name: string) =>
  (await store.executions.history(executionArn(name), { start: 0, limit: 100, reverse: false }))?.events;

describe('a Redis that hangs', () => {
  test('makes requests fail, those that were on their way and those that come, until it goes on', async () => {
    const store = await open();
    await begin(store, 'a');
    const pid = Number(/process_id:(\d+)/.exec(await client().info('server'))?.[1]);
    endings.push(() => process.kill(pid, 'SIGCONT'));
    process.kill(pid, 'SIGSTOP');
    await expect(historyOf(store, 'a')).rejects.toThrow(StoreUnavailable);
    await expect(historyOf(store, 'a')).rejects.toThrow(StoreUnavailable);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => historyOf(store, 'a').catch(() => 'refused'), { timeout: 20_000 }).not.toBe('refused');
  }, 90_000);
});

describe('those who listen', () => {
  test('are told to look again when the connection was lost, and hear what comes then', async () => {
    const store = await open();
    const begun = await begin(store, 'a');
    const heard: unknown[] = [];
    endings.push(store.live.watch(begun.record.executionId, (change) => heard.push(change)));
    await expect.poll(() => heard).toEqual(['missed']);
    await client().client('KILL', 'TYPE', 'pubsub');
    await expect.poll(() => heard).toEqual(['missed', 'missed']);
    await commit(begun, {});
    await expect.poll(() => heard).toHaveLength(3);
  });

  test('subscribe to shards only while they listen', async () => {
    const store = await open();
    const channels = () => client().pubsub('CHANNELS', `faults-${prefixes}:*`);
    const { executionId } = newRecord('a');
    const stops = [store.live.watch(executionId, () => undefined), store.live.watchAll(() => undefined)];
    await expect.poll(channels).toHaveLength(SHARDS);
    stops[1]?.();
    await expect.poll(channels).toHaveLength(1);
    stops[0]?.();
    await expect.poll(channels).toEqual([]);
  });

  test('are no condition of a commit: it may be forbidden to publish', async () => {
    await client().acl('SETUSER', 'mute', 'on', '>pw', '~*', '+@all', 'resetchannels');
    const store = await open({ url: `unix://${redis.url}?username=mute&password=pw` });
    const begun = await begin(store, 'a');
    await commit(begun, {});
    expect(await historyOf(store, 'a')).toHaveLength(1);
  });
});

describe('a cut connection', () => {
  async function openThroughProxy() {
    const proxy = await CuttingProxy.before(redis.url);
    endings.push(() => proxy.close());
    return { proxy, store: await open({ url: proxy.url }) };
  }

  test('starts an execution once', async () => {
    const { proxy, store } = await openThroughProxy();
    proxy.cutNextReply();
    expect(await store.executions.start(newRecord('a'), request())).toMatchObject({ outcome: 'started' });
    expect(proxy.cuts).toBe(1);
    expect(await readAll(store, (await begin(store, 'a')).shard)).toHaveLength(1);
  });

  test('settles and starts a task once', async () => {
    const { proxy, store } = await openThroughProxy();
    const begun = await beginTask(store, 'a');
    const id = { executionId: begun.record.executionId, visit: 1 };
    proxy.cutNextReply();
    expect(await store.executions.reserveTask(id, 'w')).toBeDefined();
    proxy.cutNextReply();
    expect(await store.executions.startTask(id, 'w')).toBe(true);
    proxy.cutNextReply();
    const result = { type: 'succeeded', output: '1' } as const;
    expect(await store.executions.settleTask(tokenOf(begun), result, request())).toBe('accepted');
    expect(proxy.cuts).toBe(3);
    expect(await arrivals(begun)).toEqual([
      { type: 'TaskStarted', visit: 1, workerName: 'w' },
      { type: 'TaskSettled', visit: 1, result },
    ]);
  });

  test('redrives an execution once', async () => {
    const { proxy, store } = await openThroughProxy();
    const begun = await begin(store, 'a');
    const head = { state: { status: 'FAILED', stopMs: 1 } as const, events: 1, visits: 1 };
    const writes = [writeOf(begun.record, { closed: true, head })];
    await store.shards.commit(begun.lease, { consumed: [], writes });
    const redrive = (stopMs: number) => store.executions.redrive(begun.record.executionArn, 'token', stopMs);
    expect(await redrive(2)).toBe('refused');
    // The execution is looked up, then opened.
    proxy.cutNextReply(1);
    expect(await redrive(1)).toHaveProperty('redriveMs');
    expect(proxy.cuts).toBe(1);
    expect(await arrivals(begun)).toEqual([{ type: 'Redriven', count: 1 }]);
  });

  test('applies a commit once', async () => {
    const { proxy, store } = await openThroughProxy();
    const { lease, record, entry } = await begin(store, 'a');
    const write = writeOf(record, { frames: new Map([['0', { phase: 'done', scope: '', index: 0, output: 1 }]]) });
    proxy.cutNextReply();
    expect(await store.shards.commit(lease, { consumed: [entry.entryId], writes: [write] })).toBe('committed');
    expect(proxy.cuts).toBe(1);
    expect(await historyOf(store, 'a')).toEqual(['{"id":1}']);
    expect(lease.sequence).toBe(1);
  });

  test('fires a timer once', async () => {
    const { proxy, store } = await openThroughProxy();
    const begun = await beginTask(store, 'a', { timeout: 0 });
    proxy.cutNextReply();
    await store.shards.fireTimers(begun.lease, 10);
    expect(await arrivals(begun)).toHaveLength(1);
  });

  test('creates a machine once', async () => {
    const { proxy, store } = await openThroughProxy();
    const machine = {
      stateMachineArn: 'arn:m',
      name: 'm',
      type: 'STANDARD',
      roleArn: 'r',
      revisionId: '1',
      definition: '{}',
      configuration: '{}',
    } as const;
    proxy.cutNextReply();
    expect((await store.registry.createMachine(machine)).machine).toMatchObject(machine);
    proxy.cutNextReply();
    const updated = await store.registry.updateMachine('arn:m', { revisionId: '2' });
    expect(updated).toMatchObject({ revisionId: '2' });
    expect(await store.registry.machine('arn:m')).toEqual(updated);
  });
});

describe('Redis', () => {
  test('may forget the scripts', async () => {
    const store = await open();
    const begun = await beginTask(store, 'a');
    await client().script('FLUSH');
    await Promise.all([
      store.executions.reserveTask({ executionId: begun.record.executionId, visit: 1 }),
      store.executions.heartbeatTask(tokenOf(begun)),
      store.executions.start(newRecord('b'), request()),
    ]);
    await client().script('FLUSH');
    await succeed(begun, '1', 2);
    expect(await historyOf(store, 'a')).toHaveLength(3);
  });

  test('may crash and come back: what was answered is there, what was on its way is done once', async () => {
    const store = await open();
    const begun = await begin(store, 'a');
    const { lease, record, shard, entry } = begun;
    const reading = store.shards.read(new Map([[shard, entry.entryId]]), 60_000);
    await redis.kill();
    const batch = { consumed: [entry.entryId], writes: [writeOf(record)] };
    const committing = store.shards.commit(lease, batch);
    const stopping = store.executions.stop(record.executionArn, { error: 'E' });
    await redis.restart();
    expect(await committing).toBe('committed');
    expect(await stopping).toMatchObject({ outcome: 'accepted' });
    // The read may have come to its end with nothing before the stop arrived.
    const read = await reading;
    const [arrived] = read.length > 0 ? read : await store.shards.read(new Map([[shard, entry.entryId]]), 5_000);
    expect(arrived?.stimulus).toMatchObject({ type: 'StopRequested', error: 'E' });
    expect(await historyOf(store, 'a')).toEqual(['{"id":1}']);
  });

  test('that stays away fails requests, in time and by name, while owners wait', async () => {
    const store = await open();
    const lease = await claim(store, 0);
    await redis.kill();
    const since = performance.now();
    const renewing = store.shards.renew([lease], 60_000);
    const asked = [
      store.executions.describe(executionArn('a')),
      store.executions.start(newRecord('a'), request()),
      store.registry.machine('m'),
    ];
    for (const answer of asked) await expect(answer).rejects.toBeInstanceOf(StoreUnavailable);
    expect(performance.now() - since).toBeLessThan(12_000);
    await redis.restart();
    expect(await renewing).toEqual([lease]);
    expect(await store.executions.describe(executionArn('a'))).toBeUndefined();
  });
});

describe('a full Redis', () => {
  test('refuses by name, and what it accepts is whole', async () => {
    const store = await open();
    const begun = await beginTask(store, 'a');
    const batch = { consumed: [], writes: [writeOf(begun.record, { events: ['{"id":3}'] })] };
    await client().config('SET', 'maxmemory', '1mb');
    endings.push(() => client().config('SET', 'maxmemory', '0'));
    await expect(store.executions.start(newRecord('b'), request())).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.shards.commit(begun.lease, batch)).rejects.toBeInstanceOf(StoreUnavailable);
    const result = { type: 'succeeded', output: '1' } as const;
    expect(await store.executions.settleTask(tokenOf(begun), result, request())).toBe('accepted');
    await client().config('SET', 'maxmemory', '0');
    expect(await arrivals(begun)).toEqual([{ type: 'TaskSettled', visit: 1, result }]);
    expect(await store.executions.describe(executionArn('b'))).toBeUndefined();
    expect(await store.shards.commit(begun.lease, batch)).toBe('committed');
    expect(await historyOf(store, 'a')).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
  });
});

describe('a deployment', () => {
  test('keeps its number of shards', async () => {
    const prefix = 'deployment';
    await open({ prefix, shards: 4 });
    await open({ prefix, shards: 4 });
    await expect(open({ prefix, shards: 8 })).rejects.toThrow('This deployment has 4 shards, not 8');
    await expect(open({ shards: 0 })).rejects.toThrow('number of shards');
  });

  test('shares a Redis with others under their own prefixes', async () => {
    const [one, two] = [await open(), await open()];
    await begin(one, 'a');
    expect(await two.executions.describe(executionArn('a'))).toBeUndefined();
    await expect(open({ prefix: 'a{b}' })).rejects.toThrow('braces');
  });
});

describe('the keys', () => {
  test('of a shard carry its tag, and few are left of a closed execution', async () => {
    const prefix = 'keys';
    const store = await open({ prefix });
    const begun = await beginTask(store, 'a', { timeout: 60_000 });
    await store.executions.settleTask(tokenOf(begun), { type: 'failed' }, request());
    const entries = await readAll(store, begun.shard);
    const closing = writeOf(begun.record, {
      closed: true,
      head: { state: { status: 'SUCCEEDED', stopMs: 1, output: '1' }, events: 3, visits: 1 },
    });
    const consumed = entries.map(({ entryId }) => entryId);
    expect(await store.shards.commit(begun.lease, { consumed, writes: [closing] })).toBe('committed');
    const keys = await client().keys('keys*');
    const { executionId, stateMachineArn } = begun.record;
    const tag = `keys:{s0${begun.shard}}:`;
    expect(keys.toSorted()).toEqual(
      [
        'keys:{registry}:deployment',
        `${tag}claims`,
        `${tag}closed`,
        `${tag}h:${executionId}`,
        `${tag}i:*:SUCCEEDED`,
        `${tag}i:${stateMachineArn}:SUCCEEDED`,
        `${tag}inbox`,
        `${tag}lease`,
        `${tag}names`,
        `${tag}x:${executionId}`,
      ].toSorted(),
    );
    expect(await client().xlen(`${tag}inbox`)).toBe(0);
  });

  test('of an execution that did not succeed are few until retention, and none after it', async () => {
    const store = await open({ prefix: 'halted', retentionMs: 1 });
    const begun = await beginTask(store, 'a', { timeout: 60_000, heartbeat: 60_000 });
    const { executionId } = begun.record;
    const head = { state: { status: 'FAILED', stopMs: 1 } as const, events: 3, visits: 1 };
    const frames = new Map([['0', { phase: 'done', scope: '', index: 0, output: 1 } as const]]);
    const closing = writeOf(begun.record, { closed: true, head, frames });
    expect(await store.shards.commit(begun.lease, { consumed: [], writes: [closing] })).toBe('committed');
    const work = `halted:{s0${begun.shard}}:w:${executionId}`;
    expect((await client().hkeys(work)).toSorted()).toEqual(['f0', 'h']);
    const ofShard = async (name: string) => client().exists(`halted:{s0${begun.shard}}:${name}`);
    expect([await ofShard('timers'), await ofShard('outbox')]).toEqual([0, 0]);
    expect(await expire(store, begun.lease, 10)).toBe(1);
    expect(await client().keys(`halted*${executionId}*`)).toEqual([]);
  });

  test('that remember requests are forgotten after one to two minutes', async () => {
    const store = await open({ prefix: 'claims' });
    const id = request();
    const record = newRecord('a');
    await store.executions.start(record, id);
    const { shard, lease } = await begin(store, 'a');
    const outcome = async () => (await store.executions.start(record, id)).outcome;
    const minuteAgo = () => client().hincrby(`claims:{s0${shard}}:lease`, 'claimsTurned', -60_000);
    await store.shards.renew([lease], 60_000);
    expect(await outcome()).toBe('started');
    await store.shards.renew([lease], 60_000);
    expect(await outcome()).toBe('started');
    await minuteAgo();
    await store.shards.renew([lease], 60_000);
    expect(await outcome()).toBe('same');
  });
});

describe('engines of versions that announced no level', () => {
  test('are counted among the others, and known as the oldest while they live', async () => {
    const store = await open({ prefix: 'levels' });
    const engines = 'levels:{registry}:engines';
    expect(await store.registry.oldestEngine()).toBe(ENGINE_LEVEL);
    await store.shards.announce('new', 60_000);
    const [seconds] = await client().time();
    await client().zadd(engines, (Number(seconds) + 60) * 1000, 'old');
    expect((await store.shards.announce('new', 60_000)).toSorted()).toEqual(['new', 'old']);
    expect(await store.registry.oldestEngine()).toBe(1);
    await client().zadd(engines, (Number(seconds) - 1) * 1000, 'old');
    expect(await store.registry.oldestEngine()).toBe(ENGINE_LEVEL);
    await store.shards.withdraw('new');
    expect(await client().zrange(engines, 0, -1)).toEqual(['old']);
  });
});

describe('the results of a Map Run', () => {
  test('are kept for a day when they are written, and as long as the execution when the Map Run may be redriven', async () => {
    const parent = await begin(await open({ prefix: 'results' }), 'a');
    const key = `results:{s0${parent.shard}}:n:${mapRunArn(parent)}`;
    const keep: Effect = { type: 'KeepResult', mapRunArn: mapRunArn(parent), index: 0, row: '{}' };
    await commit(parent, { effects: [note(recordOf(parent)), keep] });
    await commit(parent, { effects: [note(recordOf(parent, { status: 'FAILED' }))] });
    expect(await client().pttl(key)).toBe(-1);
    await commit(parent, { effects: [note(recordOf(parent, { status: 'SUCCEEDED' }))] });
    const leftMs = await client().pttl(key);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(86_400_000);
  });
});
