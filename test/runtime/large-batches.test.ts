import { expect, test } from 'vitest';
import type { Effect } from '../../engine/interpreter/effect.ts';
import { AWS_LIMITS } from '../../engine/interpreter/limits.ts';
import { BatchWriter } from '../../engine/runtime/batch-writer.ts';
import { createEngine } from '../../engine/runtime/engine.ts';
import { StatesOfFrames } from '../../engine/runtime/states-of-frames.ts';
import { executionId } from '../../engine/store/execution-id.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import type { Batch } from '../../engine/store/store.ts';
import { createMemoryTaskQueue } from '../../engine/tasks/memory.ts';
import { newRecord, writeOf } from '../contracts/store/fixtures.ts';

/** One commit takes no more than it can write in a moment, however much its entries make happen. */

const STATES = new StatesOfFrames(new Map());
const SILENT = { info() {}, warn() {}, error() {} };

test('a step may have more effects than a call takes arguments', () => {
  const record = { ...newRecord('a'), startMs: 1 };
  const { head } = writeOf(record);
  const effects = Array.from({ length: 200_000 }, (_, visit): Effect => ({ type: 'CloseTask', visit }));
  const writer = new BatchWriter();
  writer.add({ record, head, frames: new Map() }, { head, frames: new Map(), history: [], effects }, STATES);
  expect(writer.toBatch().writes[0]?.effects).toHaveLength(200_000);
  expect(writer.changes).toBe(200_000);
});

test('a batch is large when its texts are', () => {
  const record = { ...newRecord('a'), startMs: 1 };
  const { head } = writeOf(record);
  const step = (effects: readonly Effect[]) => ({ head, frames: new Map(), history: [], effects });
  const large = 'x'.repeat(100 * 1024);
  const task = { resource: 'r', input: large, taskToken: 't' };
  const mapRunArn = 'arn';
  const child = { mapRunArn, parent: record.executionId, visit: 1, index: 0, scope: '', type: 'EXPRESS' } as const;
  const childRecord = { ...record, input: large, child: { ...child, items: 1, tellsInput: false } };
  const writer = new BatchWriter();
  writer.add(
    { record, head, frames: new Map() },
    step([
      { type: 'DispatchTask', visit: 1, task },
      { type: 'StartChild', record: childRecord },
      { type: 'KeepResult', mapRunArn, index: 0, row: large },
      { type: 'Continue', visit: 1 },
    ]),
    STATES,
  );
  expect(writer.changes).toBe(4 + 3 * 100);
});

test('a batch ends where it has become large, and the next one goes on', async () => {
  const store = createMemoryStore({ shards: 1 });
  const batches: Batch[] = [];
  const { shards } = store;
  const commit: typeof shards.commit = (lease, batch) => {
    batches.push(batch);
    return shards.commit(lease, batch);
  };
  const watched = new Proxy(shards, {
    get: (target, name) => {
      const value: unknown = name === 'commit' ? commit : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 900, End: true } } };
  const map = { Type: 'Map', ItemsPath: '$', ItemProcessor: wait, MaxConcurrency: 1, End: true };
  const definition = JSON.stringify({ StartAt: 'Each', States: { Each: map } });
  const machine = newRecord('none');
  const { stateMachineArn, revisionId, roleArn } = machine;
  const fixed = { name: 'orders', type: 'STANDARD', roleArn, configuration: '{}' } as const;
  await store.registry.createMachine({ stateMachineArn, revisionId, definition, ...fixed });
  const input = JSON.stringify(Array.from({ length: 9_000 }, () => 0));
  const names = Array.from({ length: 7 }, (_, index) => `large-${index}`);
  for (const name of names) await store.executions.start(newRecord(name, { input }), name);
  const engine = createEngine({
    store: { ...store, shards: watched },
    queue: createMemoryTaskQueue(),
    limits: AWS_LIMITS,
    owner: 'engine',
    leaseMs: 60_000,
    log: SILENT,
  });
  await engine.start();
  const begun = () => batches.flatMap(({ writes }) => writes.map(({ executionId: id }) => id));
  await expect.poll(begun, { timeout: 20_000 }).toHaveLength(names.length);
  await engine.stop();
  expect(new Set(begun())).toEqual(new Set(names.map((name) => executionId(newRecord(name).executionArn))));
  expect(batches.filter(({ writes }) => writes.length > 0).map(({ consumed }) => consumed.length)).toEqual([3, 3, 1]);
});
