import { describe, expect, test } from 'vitest';
import { Retention } from '../../engine/runtime/retention.ts';
import type { Archive } from '../../engine/runtime/shard-ports.ts';
import { TELEMETRY } from '../../engine/runtime/telemetry.ts';
import type { Begun } from '../contracts/store/fixtures.ts';
import { Archived } from './support.ts';

/** What the owner of a shard does with what has been kept long enough. */

const setUp = async (names: readonly string[]) => {
  const archived = new Archived();
  const begun: Begun[] = [];
  for (const name of names) begun.push(await archived.closed(name, ['{"id":1}']));
  const warnings: string[] = [];
  const log = { info() {}, warn: (_fields: object, message: string) => void warnings.push(message), error() {} };
  const sweep = async (archive: Archive = archived.archive) => {
    for (const { lease } of begun) await new Retention(lease, { store: archived.store.shards, archive, log }).sweep();
  };
  const left = async () => {
    const found = await Promise.all(begun.map(({ record }) => archived.store.executions.describe(record.executionArn)));
    return found.filter((one) => one !== undefined).length;
  };
  return { archived, begun, warnings, sweep, left };
};

describe('retention with an archive', () => {
  test('archives and removes', async () => {
    const { archived, begun, sweep, left, warnings } = await setUp(['a', 'b', 'c']);
    const told: string[] = [];
    const stop = TELEMETRY.executionArchived.listen(({ executionArn }) => told.push(executionArn));
    await sweep();
    stop();
    expect(told.toSorted()).toEqual(begun.map(({ record }) => record.executionArn).toSorted());
    expect([await left(), archived.objects.objects.size, warnings]).toEqual([0, 3, []]);
  });

  test('removes nothing that is not written, and goes on when the storage is back', async () => {
    const { archived, sweep, left, warnings } = await setUp(['a', 'b', 'c']);
    const create = archived.objects.create.bind(archived.objects);
    archived.objects.create = () => Promise.reject(new Error('no route'));
    const failures: string[] = [];
    const stop = TELEMETRY.archiveFailed.listen(({ message }) => failures.push(message));
    await sweep();
    stop();
    expect(await left()).toBe(3);
    expect(failures.every((message) => message === 'Error: no route')).toBe(true);
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(warnings)).toEqual(new Set(['executions could not be archived and stay']));
    archived.objects.create = create;
    await sweep();
    expect([await left(), archived.objects.objects.size]).toEqual([0, 3]);
  });

  test('writes the same again after a crash between writing and removing', async () => {
    const { archived, sweep, left } = await setUp(['a']);
    const { expire } = archived.store.shards;
    archived.store.shards.expire = () => Promise.reject(new Error('crash'));
    await sweep();
    const before = new Map(archived.objects.objects);
    expect(await left()).toBe(1);
    archived.store.shards.expire = expire;
    await sweep();
    expect(await left()).toBe(0);
    expect(archived.objects.objects).toEqual(before);
  });

  test('archives each once when it is asked to before it has done', async () => {
    const { archived, begun } = await setUp(['a']);
    const create = archived.objects.create.bind(archived.objects);
    let created = 0;
    archived.objects.create = (...asked) => {
      created += 1;
      return create(...asked);
    };
    const log = { info() {}, warn() {}, error() {} };
    for (const { lease } of begun) {
      const retention = new Retention(lease, { store: archived.store.shards, archive: archived.archive, log });
      await Promise.all([retention.sweep(), retention.sweep()]);
    }
    expect(created).toBe(1);
  });

  test('leaves nothing behind of an object that could not be finished', async () => {
    const { archived, sweep, left } = await setUp(['a']);
    archived.objects.create = async (_bucket, key) => ({
      write: () => Promise.reject(new Error('full')),
      close: async () => {},
      abort: async () => void archived.objects.aborted.push(key),
    });
    await sweep();
    expect([await left(), archived.objects.aborted.length]).toEqual([1, 1]);
  });
});
