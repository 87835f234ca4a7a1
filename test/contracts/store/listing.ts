import { describe, expect, test } from 'vitest';
import type { Store } from '../../../engine/store/store.ts';
import type { ExecutionStatus } from '../../../schemas/execution.ts';
import {
  type Begun,
  begin,
  claim,
  expire,
  MACHINE,
  newRecord,
  request,
  type StoreHarness,
  succeed,
} from './fixtures.ts';

export function testListing({ open, elapse }: StoreHarness): void {
  async function pages(store: Store, limit: number, status?: ExecutionStatus): Promise<string[][]> {
    const names: string[][] = [];
    let cursor: string | undefined;
    do {
      const filter = { list: MACHINE, ...(status && { status }) };
      const page = await store.executions.list(filter, { limit, ...(cursor !== undefined && { cursor }) });
      names.push(page.executions.map(({ name }) => name));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return names;
  }

  describe('list', () => {
    test('shows the newest first, without inputs, and how they ended', async () => {
      const store = await open();
      const first = await begin(store, 'first');
      await elapse(2);
      const second = await begin(store, 'second');
      await succeed(first);
      const { executions, cursor } = await store.executions.list({ list: MACHINE }, { limit: 10 });
      const row = ({ input: _input, ...record }: typeof first.record) => record;
      expect(executions).toEqual([
        { ...row(second.record), status: 'RUNNING' },
        { ...row(first.record), status: 'SUCCEEDED', stopMs: first.record.startMs + 5 },
      ]);
      expect(cursor).toBeUndefined();
    });

    test('pages through all shards and statuses: nothing twice, nothing left out', async () => {
      const store = await open();
      const started = new Map<string, number>();
      for (let round = 0; round < 6; round += 1) {
        const names = Array.from({ length: 20 }, (_, index) => `r${round}-${index}`);
        // Many of a round start within the same millisecond.
        await Promise.all(
          names.map(async (name) => {
            const { startMs } = await store.executions.start(newRecord(name), request());
            started.set(name, startMs);
          }),
        );
        await elapse(1);
        for (const name of names.slice(0, round)) await succeed(await begin(store, name));
      }
      for (const limit of [1, 7, 40, 1000]) {
        const names = await pages(store, limit);
        expect(names.every((page, index) => page.length === limit || index === names.length - 1)).toBe(true);
        expect(new Set(names.flat())).toEqual(new Set(started.keys()));
        expect(names.flat()).toHaveLength(started.size);
        const times = names.flat().map((name) => started.get(name) ?? 0);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      }
      expect((await pages(store, 4, 'SUCCEEDED')).flat()).toHaveLength(15);
      expect((await pages(store, 50, 'RUNNING')).flat()).toHaveLength(105);
      expect(await pages(store, 50, 'ABORTED')).toEqual([[]]);
    });

    test('goes on from its cursor, whatever started since', async () => {
      const store = await open();
      for (const name of ['a', 'b', 'c']) {
        await begin(store, name);
        await elapse(2);
      }
      const filter = { list: MACHINE };
      const { cursor = '' } = await store.executions.list(filter, { limit: 2 });
      await begin(store, 'd');
      const { executions } = await store.executions.list(filter, { limit: 2, cursor });
      expect(executions.map(({ name }) => name)).toEqual(['a']);
    });

    test.each(['', 'x', '1.', 'NaN.aaaaaaaaaaaaaaaaaaaaaa', '99999999999999999999.aaaaaaaaaaaaaaaaaaaaaa'])(
      'shows nothing after %j, which is no cursor',
      async (cursor) => {
        const store = await open();
        await begin(store, 'a');
        const page = await store.executions.list({ list: MACHINE }, { limit: 2, cursor });
        expect(page).toEqual({ executions: [] });
      },
    );

    test('and the count of open ones are by machine', async () => {
      const store = await open();
      const other = 'arn:aws:states:us-east-1:000000000000:stateMachine:other';
      await begin(store, 'a');
      await succeed(await begin(store, 'b'));
      await begin(store, 'c', { stateMachineArn: other });
      expect(await store.executions.countOpen(MACHINE)).toBe(1);
      expect(await store.executions.countOpen(other)).toBe(1);
      expect(await store.executions.countOpen('none')).toBe(0);
      expect(await store.executions.list({ list: 'none' }, { limit: 5 })).toEqual({ executions: [] });
    });
  });

  describe('list by version or alias', () => {
    const version = { stateMachineVersionArn: `${MACHINE}:3` };
    const alias = { ...version, stateMachineAliasArn: `${MACHINE}:prod` };

    const listed = async (store: Store, list: string, status: ExecutionStatus) => {
      const { executions } = await store.executions.list({ list, status }, { limit: 9 });
      return executions.map(({ name }) => name).sort();
    };

    test.each(['RUNNING', 'SUCCEEDED'] as const)('shows what was started with it and is %s', async (status) => {
      const store = await open();
      const started = [await begin(store, 'plain'), await begin(store, 'v', version), await begin(store, 'p', alias)];
      if (status === 'SUCCEEDED') for (const each of started) await succeed(each);
      expect(await listed(store, MACHINE, status)).toEqual(['p', 'plain', 'v']);
      expect(await listed(store, `${MACHINE}:3`, status)).toEqual(['p', 'v']);
      expect(await listed(store, `${MACHINE}:prod`, status)).toEqual(['p']);
      expect(await listed(store, `${MACHINE}:prod`, 'ABORTED')).toEqual([]);
      const { executions } = await store.executions.list({ list: `${MACHINE}:prod` }, { limit: 9 });
      expect(executions).toEqual([expect.objectContaining({ stateMachineArn: MACHINE, ...alias })]);
    });

    test('forgets what retention has taken', async () => {
      const store = await open({ retentionMs: 1 });
      const begun = await begin(store, 'p', alias);
      await succeed(begun);
      await elapse(50);
      expect(await expire(store, begun.lease, 10)).toBe(1);
      for (const list of [MACHINE, `${MACHINE}:3`, `${MACHINE}:prod`]) {
        expect(await store.executions.list({ list }, { limit: 9 })).toEqual({ executions: [] });
      }
    });
  });

  describe('expire', () => {
    test('removes what has been closed for the time of retention, the oldest first', async () => {
      const store = await open({ retentionMs: 1000 });
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      const begun: Begun[] = [];
      for (const name of names) begun.push(await begin(store, name));
      for (const each of begun.slice(1)) await succeed({ ...each, lease: await claim(store, each.shard) });
      const expireIn = (shard: number, limit: number) =>
        expire(store, { shard, owner: 'engine-1', epoch: 1, sequence: 0 }, limit);
      expect(await expireIn(begun[1]?.shard ?? 0, 10)).toBe(0);
      await elapse(1050);
      for (const { shard } of begun.slice(1)) expect(await expireIn(shard, 1)).toBe(1);
      for (const { shard } of begun) expect(await expireIn(shard, 10)).toBe(0);
      const { executions } = await store.executions.list({ list: MACHINE }, { limit: 10 });
      expect(executions.map(({ name }) => name)).toEqual(['a']);
      const gone = begun[3]?.record.executionArn ?? '';
      expect(await store.executions.describe(gone)).toBeUndefined();
      expect(await store.executions.history(gone, { start: 0, limit: 1, reverse: false })).toBeUndefined();
      expect(await store.executions.start(newRecord('d'), request())).toMatchObject({ outcome: 'started' });
    });
  });
}
