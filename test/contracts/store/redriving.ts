import { describe, expect, test } from 'vitest';
import type { Frame, HaltedFrame } from '../../../engine/interpreter/execution.ts';
import type { ExecutionStatus } from '../../../schemas/execution.ts';
import {
  arrivals,
  type Begun,
  begin,
  beginTask,
  commit,
  executionArn,
  expire,
  MACHINE,
  readAll,
  type StoreHarness,
  succeed,
  tokenOf,
} from './fixtures.ts';

type Unsuccessful = 'FAILED' | 'TIMED_OUT' | 'ABORTED';

const HALTED: HaltedFrame = {
  phase: 'halted',
  id: '0',
  scope: '',
  index: 0,
  state: 'Pay',
  visit: 1,
  input: {},
  enteredMs: 1,
  enteredEventId: 2,
  lastEventId: 2,
  retries: [],
  variables: {},
};

/** Closes it without success after `before` events of earlier commits; answers when. */
async function end(begun: Begun, status: Unsuccessful = 'FAILED', before = 0, afterMs = 5): Promise<number> {
  const stopMs = begun.record.startMs + afterMs;
  const head = { state: { status, stopMs, error: 'E' }, events: before + 1, visits: 1 };
  await commit(begun, { closed: true, head, frames: new Map([['0', HALTED]]) });
  return stopMs;
}

export function testRedriving({ open, again, elapse }: StoreHarness): void {
  describe('redrive', () => {
    test.each<Unsuccessful>(['FAILED', 'TIMED_OUT', 'ABORTED'])('opens an execution that %s again', async (status) => {
      const version = `${MACHINE}:1`;
      const begun = await begin(await open(), 'a', { stateMachineVersionArn: version });
      const { executions } = begun.store;
      const { executionArn: arn } = begun.record;
      const stopMs = await end(begun, status);
      const redriven = await executions.redrive(arn, 'token', stopMs);
      const redriveMs = typeof redriven === 'object' ? redriven.redriveMs : 0;
      expect(redriveMs).toBeGreaterThanOrEqual(begun.record.startMs);
      const redrives = { count: 1, lastMs: redriveMs };
      expect(await executions.describe(arn)).toEqual({ ...begun.record, status: 'RUNNING', redrives });
      expect(await arrivals(begun)).toEqual([{ type: 'Redriven', count: 1 }]);
      expect((await readAll(begun.store, begun.shard)).at(-1)?.stimulus.at).toBe(redriveMs);
      for (const list of [MACHINE, version]) {
        const listed = async (filter: ExecutionStatus) =>
          (await executions.list({ list, status: filter }, { limit: 9 })).executions;
        expect(await listed(status)).toEqual([]);
        expect(await listed('RUNNING')).toMatchObject([{ name: 'a', status: 'RUNNING', redrives }]);
      }
      expect(await executions.countOpen(MACHINE)).toBe(1);
      expect(await executions.stop(arn, {})).toMatchObject({ outcome: 'accepted' });
    });

    test('leaves it as its close left it until the redrive is interpreted, for whoever owns the shard', async () => {
      const begun = await beginTask(await open(), 'a', { timeout: 60_000 });
      const { store, shard, lease, record } = begun;
      const stopMs = await end(begun, 'ABORTED', 2);
      expect((await store.shards.load(shard, [record.executionId])).size).toBe(0);
      await store.executions.redrive(record.executionArn, 'token', stopMs);
      const loaded = (await (await again(store)).shards.load(shard, [record.executionId])).get(record.executionId);
      expect(loaded?.record).toEqual(record);
      expect(loaded?.head).toMatchObject({ state: { status: 'ABORTED' }, events: 3, visits: 1 });
      expect([...(loaded?.frames ?? [])]).toEqual([['0', HALTED]]);
      const redrives = { count: 1, lastMs: 7 };
      await commit(begun, { head: { state: { status: 'RUNNING' }, events: 4, visits: 2, redrives } });
      const opened = (await store.shards.load(shard, [record.executionId])).get(record.executionId);
      expect(opened?.head).toEqual({ state: { status: 'RUNNING' }, events: 4, visits: 2, redrives });
      expect(await store.shards.fireTimers(lease, 10)).toEqual({ fired: 0, nextInMs: undefined });
    });

    test('keeps tokens of before closed, and tasks of before unwanted', async () => {
      const begun = await beginTask(await open(), 'a');
      const { executions, shards } = begun.store;
      const stopMs = await end(begun, 'FAILED', 2);
      await executions.redrive(begun.record.executionArn, 'token', stopMs);
      expect(await executions.settleTask(tokenOf(begun), { type: 'failed' }, 'late')).toBe('closed');
      expect(await executions.heartbeatTask(tokenOf(begun))).toBe('closed');
      expect(await executions.reserveTask({ executionId: begun.record.executionId, visit: 1 })).toBeUndefined();
      await elapse(1);
      expect(await shards.dueOutbox(begun.lease, 10)).toEqual([]);
    });

    test('answers a client token alike, however the execution stands since', async () => {
      const begun = await begin(await open(), 'a');
      const { executions } = begun.store;
      const { executionArn: arn } = begun.record;
      const first = await executions.redrive(arn, 'one', await end(begun));
      expect(await executions.redrive(arn, 'one', undefined)).toEqual(first);
      await elapse(2);
      const stopMs = await end(begun, 'FAILED', 1, 9);
      expect(await executions.redrive(arn, 'one', stopMs)).toEqual(first);
      expect(await arrivals(begun)).toHaveLength(1);
      const second = await executions.redrive(arn, 'two', stopMs);
      expect(second).not.toEqual(first);
      await succeed(begun, '1', 2);
      expect(await executions.redrive(arn, 'two', undefined)).toEqual(second);
      expect(await executions.describe(arn)).toMatchObject({ status: 'SUCCEEDED', redrives: { count: 2 } });
      expect(await arrivals(begun)).toEqual([
        { type: 'Redriven', count: 1 },
        { type: 'Redriven', count: 2 },
      ]);
    });

    test('remembers the last ten tokens', async () => {
      const begun = await begin(await open(), 'a');
      const { executions } = begun.store;
      const { executionArn: arn } = begun.record;
      for (let run = 0; run < 11; run += 1) {
        const stopMs = await end(begun, 'FAILED', run, run);
        expect(await executions.redrive(arn, `token-${run}`, stopMs)).toHaveProperty('redriveMs');
      }
      expect(await executions.redrive(arn, 'token-1', undefined)).toHaveProperty('redriveMs');
      expect(await executions.redrive(arn, 'token-0', undefined)).toBe('refused');
    });

    test('carries edits to the interpreter, and an input of any size', async () => {
      const begun = await begin(await open(), 'a');
      const { executions } = begun.store;
      const edits = { state: 'Pay', input: { frame: '0', text: JSON.stringify({ text: 'ü"\n'.repeat(20_000) }) } };
      await executions.redrive(begun.record.executionArn, 'one', await end(begun), { edits });
      expect(await arrivals(begun)).toEqual([{ type: 'Redriven', count: 1, edits }]);
    });

    test('goes on with another revision from then on, and is listed as before', async () => {
      const version = `${MACHINE}:1`;
      const begun = await begin(await open(), 'a', { stateMachineVersionArn: version });
      const { store, shard, record } = begun;
      const { executionArn: arn } = record;
      const stopMs = await end(begun);
      await store.executions.redrive(arn, 'one', stopMs + 1, { revisionId: 'revision-0' });
      expect(await store.executions.describe(arn)).toMatchObject({ status: 'FAILED', revisionId: 'revision-1' });
      await store.executions.redrive(arn, 'one', stopMs, { revisionId: 'revision-2' });
      const changed = { ...record, revisionId: 'revision-2' };
      expect(await store.executions.describe(arn)).toMatchObject(changed);
      expect((await store.shards.load(shard, [record.executionId])).get(record.executionId)?.record).toEqual(changed);
      for (const list of [MACHINE, version]) {
        expect((await store.executions.list({ list }, { limit: 9 })).executions).toMatchObject([
          { revisionId: 'revision-2' },
        ]);
      }
    });

    test('tells the last ten, and what was edited', async () => {
      const begun = await begin(await open(), 'a');
      const { executions } = begun.store;
      const { executionArn: arn } = begun.record;
      expect(await executions.redrives(arn)).toEqual([]);
      expect(await executions.redrives(executionArn('none'))).toEqual([]);
      const edits = { state: 'Pay', input: { frame: '0', text: '1' } };
      const first = await executions.redrive(arn, 'first', await end(begun), { edits, by: 'ann\n', revisionId: 'r' });
      const told = [{ ...(first as object), by: 'ann\n', state: 'Pay', inputChanged: true, revisionId: 'r' }];
      expect(await executions.redrives(arn)).toEqual(told);
      await executions.redrive(arn, 'first', undefined, {});
      for (let run = 1; run < 11; run += 1) {
        const redriven = await executions.redrive(arn, `token-${run}`, await end(begun, 'FAILED', run, run + 9));
        told.push({ ...(redriven as object), inputChanged: false } as never);
      }
      expect(await executions.redrives(arn)).toEqual(told.slice(1));
    });

    test('is refused when it is not closed by that stop, and for none at all', async () => {
      const begun = await begin(await open(), 'a');
      const { executions } = begun.store;
      const { executionArn: arn, startMs } = begun.record;
      expect(await executions.redrive(arn, 'one', startMs)).toBe('refused');
      const stopMs = await end(begun);
      expect(await executions.redrive(arn, 'one', undefined)).toBe('refused');
      expect(await executions.redrive(arn, 'one', stopMs + 1)).toBe('refused');
      expect(await executions.redrive(executionArn('none'), 'one', stopMs)).toBeUndefined();
      expect(await arrivals(begun)).toEqual([]);
      expect(await executions.redrive(arn, 'one', stopMs)).toHaveProperty('redriveMs');
    });

    test('happens once, however many ask at the same time', async () => {
      const begun = await begin(await open(), 'a');
      const { executions } = begun.store;
      const stopMs = await end(begun);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => executions.redrive(begun.record.executionArn, `token-${at}`, stopMs)),
      );
      expect(answers.filter((answer) => answer !== 'refused')).toHaveLength(1);
      expect(await arrivals(begun)).toHaveLength(1);
    });

    test('lets retention begin at the next close', async () => {
      const begun = await begin(await open({ retentionMs: 1000 }), 'a');
      const { store, lease } = begun;
      const { executionArn: arn } = begun.record;
      await store.executions.redrive(arn, 'one', await end(begun));
      await elapse(1050);
      expect(await expire(store, lease, 10)).toBe(0);
      expect(await store.executions.describe(arn)).toMatchObject({ status: 'RUNNING' });
      await end(begun, 'FAILED', 1, 1040);
      expect(await expire(store, lease, 10)).toBe(0);
      await elapse(1050);
      expect(await expire(store, lease, 10)).toBe(1);
      expect(await store.executions.describe(arn)).toBeUndefined();
      expect(await store.executions.remains(arn)).toBeUndefined();
    });
  });

  describe('what remains', () => {
    test('of an execution that did not succeed are its frames and its history, until retention', async () => {
      const store = await open();
      const failed = await begin(store, 'failed');
      await commit(failed, { events: ['{"id":1}', '{"id":2}'] });
      const stopMs = await end(failed, 'FAILED', 2);
      const succeeded = await begin(store, 'succeeded');
      await succeed(succeeded);
      const remains = await store.executions.remains(failed.record.executionArn);
      expect(remains).toEqual({ historyEvents: 3, frames: true, nowMs: expect.any(Number) });
      expect(remains?.nowMs).toBeGreaterThan(stopMs - 1000);
      expect(await store.executions.remains(succeeded.record.executionArn)).toMatchObject({ frames: false });
      expect(await store.executions.remains(executionArn('none'))).toBeUndefined();
    });

    test('are the frames of one that has ended without success', async () => {
      const store = await open();
      const begun = await begin(store, 'a');
      const { executionArn: arn } = begun.record;
      expect([...(await store.executions.frames(arn))]).toEqual([]);
      const frames: Map<string, Frame> = new Map([['0', { ...HALTED, phase: 'running', wait: { for: 'timer' } }]]);
      await commit(begun, { frames });
      expect([...(await store.executions.frames(arn))]).toEqual([]);
      await end(begun, 'TIMED_OUT', 1);
      expect([...(await store.executions.frames(arn))]).toEqual([['0', HALTED]]);
      expect([...(await store.executions.frames(executionArn('none')))]).toEqual([]);
      const done = await begin(store, 'done');
      await succeed(done);
      expect([...(await store.executions.frames(done.record.executionArn))]).toEqual([]);
    });
  });
}
