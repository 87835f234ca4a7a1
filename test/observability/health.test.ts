import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ShardStatistics, type StoreCondition, type StoreStatistics, TELEMETRY } from '../../engine/index.ts';
import type { Report } from '../../engine/observability/health/check.ts';
import { createHealth, type Health } from '../../engine/observability/health/health.ts';
import { judgeMemory, judgeSafety } from '../../engine/observability/health/judge-store.ts';

/** Whether a process lives, and whether it can do its work. */

const SOUND: StoreCondition = {
  server: 'Redis 7.2.4',
  persistence: { log: true, lastWriteOk: true },
  evictionPolicy: 'noeviction',
  memory: { usedBytes: 10 * 1_048_576, limitBytes: 100 * 1_048_576 },
  refusal: undefined,
  clockMs: 0,
  roundTripMs: 0.25,
};
const shard = (number: number, owner: string | undefined): ShardStatistics => ({
  shard: number,
  lease: owner === undefined ? undefined : { owner, leftMs: 1000 },
  inbox: { entries: 0, oldestMs: 0 },
  outboxTasks: 0,
  timers: 0,
  timersDue: 0,
});

let condition: () => Promise<StoreCondition>;
let owners: (string | undefined)[];
let owned: number[] | undefined;
let health: Health;

beforeEach(() => {
  condition = async () => SOUND;
  owners = ['a', 'b'];
  owned = [0];
  const statistics: StoreStatistics = {
    condition: () => condition(),
    shards: async () => owners.map((owner, number) => shard(number, owner)),
    openExecutions: async () => [],
  };
  health = createHealth({ store: { statistics }, shardCount: 2, owned: () => owned });
});
afterEach(() => health.stop());

const statuses = ({ checks }: Report): object => Object.fromEntries(checks.map(({ name, status }) => [name, status]));
const messageOf = ({ checks }: Report, wanted: string): string | undefined =>
  checks.find(({ name }) => name === wanted)?.message;

describe('a process', () => {
  test('lives until it is told to stop', () => {
    expect(health.alive()).toMatchObject({ status: 'ok' });
    health.drain();
    expect(health.alive()).toMatchObject({ status: 'failed' });
  });

  test('is ready when the store is and every shard has a living owner', async () => {
    const report = await health.ready();
    expect(report.status).toBe('ok');
    expect(statuses(report)).toEqual({
      draining: 'ok',
      store: 'ok',
      persistence: 'ok',
      eviction: 'ok',
      owners: 'ok',
      shards: 'ok',
    });
    expect(messageOf(report, 'owners')).toBe('All 2 shards have a living owner: 2 engines.');
  });

  test('looks once for all who ask at the same time', async () => {
    let looks = 0;
    condition = async () => {
      looks += 1;
      return SOUND;
    };
    await Promise.all([health.ready(), health.ready(), health.ready()]);
    expect(looks).toBe(1);
    await health.ready();
    expect(looks).toBe(2);
  });

  test('is ready with a warning while it cannot archive', async () => {
    TELEMETRY.archiveFailed.publish({ shard: 0, message: 'no route' });
    const report = await health.ready();
    expect(statuses(report)).toMatchObject({ archive: 'warning' });
    expect(messageOf(report, 'archive')).toContain('no route');
    TELEMETRY.executionArchived.publish({ executionArn: 'arn' });
    expect(statuses(await health.ready())).not.toHaveProperty('archive');
  });

  test('that drains is not ready', async () => {
    health.drain();
    const report = await health.ready();
    expect(report.status).toBe('failed');
    expect(statuses(report)).toMatchObject({ draining: 'failed', store: 'ok' });
  });

  test('without an engine is ready without shards of its own', async () => {
    owned = undefined;
    const report = await health.ready();
    expect(report.status).toBe('ok');
    expect(statuses(report)).not.toHaveProperty('shards');
  });

  test('whose engine is one too many is ready, with a warning', async () => {
    owned = [];
    const report = await health.ready();
    expect(report.status).toBe('ok');
    expect(statuses(report)).toMatchObject({ shards: 'warning' });
  });
});

describe('a store', () => {
  test('that cannot be reached makes no process ready', async () => {
    condition = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const report = await health.ready();
    expect(report.status).toBe('failed');
    expect(messageOf(report, 'store')).toBe('The store cannot be reached: connect ECONNREFUSED.');
    expect(statuses(report)).not.toHaveProperty('owners');
  });

  test('that does not answer within a second is told as such', async () => {
    condition = () => new Promise(() => {});
    expect(messageOf(await health.ready(), 'store')).toBe('The store cannot be reached: no answer within 1 s.');
  });

  test('that takes no writes makes no process ready, and says why', async () => {
    condition = async () => ({ ...SOUND, refusal: 'OOM command not allowed' });
    const report = await health.ready();
    expect(report.status).toBe('failed');
    expect(messageOf(report, 'store')).toBe('Redis 7.2.4 takes no writes: OOM command not allowed.');
  });

  test('whose log cannot be written makes no process ready', async () => {
    condition = async () => ({ ...SOUND, persistence: { log: true, lastWriteOk: false } });
    expect((await health.ready()).status).toBe('failed');
  });

  test('with shards that nobody owns makes no process ready, and says which', async () => {
    owners = ['a', undefined];
    const report = await health.ready();
    expect(report.status).toBe('failed');
    expect(messageOf(report, 'owners')).toMatch(/^Shards 1 have no living owner\. Their executions stand still\./);
    owners = [undefined, undefined];
    expect(messageOf(await health.ready(), 'owners')).toMatch(/^All 2 shards have no living owner\./);
  });
});

describe('what may lose data', () => {
  test.each<[string, Partial<StoreCondition>, [string, string, RegExp][]]>([
    ['nothing', {}, []],
    [
      'no log',
      { persistence: { log: false, lastWriteOk: true } },
      [['persistence', 'warning', /no append-only log.*Set appendonly yes/]],
    ],
    ['a log that fails', { persistence: { log: true, lastWriteOk: false } }, [['persistence', 'failed', /disk/]]],
    ['a server that tells nothing', { persistence: undefined }, [['persistence', 'warning', /unknown/]]],
    ['eviction', { evictionPolicy: 'volatile-lru' }, [['eviction', 'warning', /volatile-lru.*noeviction/]]],
    ['an unknown policy', { evictionPolicy: undefined }, [['eviction', 'warning', /unknown/]]],
  ])('is %s', (_what, change, expected) => {
    const doubts = judgeSafety({ ...SOUND, ...change }).filter(({ status }) => status !== 'ok');
    expect(doubts).toEqual(
      expected.map(([name, status, message]) => ({ name, status, message: expect.stringMatching(message) })),
    );
  });

  test('is not the store in memory', () => {
    expect(judgeSafety({ ...SOUND, server: 'memory', persistence: undefined }).map(({ status }) => status)).toEqual([
      'ok',
      'ok',
    ]);
  });
});

test.each([
  [{ usedBytes: 50 * 1_048_576, limitBytes: 100 * 1_048_576 }, 'ok', 'Redis 7.2.4 uses 50 MiB of 100 MiB.'],
  [
    { usedBytes: 95 * 1_048_576, limitBytes: 100 * 1_048_576 },
    'warning',
    expect.stringContaining('every write is refused'),
  ],
  [{ usedBytes: 1_048_576, limitBytes: undefined }, 'ok', 'Redis 7.2.4 uses 1 MiB; its limit is unknown.'],
  [undefined, 'ok', 'Redis 7.2.4 does not tell how much memory it uses.'],
])('memory of %o is %s', (memory, status, message) => {
  expect(judgeMemory({ ...SOUND, memory })).toEqual({ name: 'memory', status, message });
});
