import { describe, expect, test } from 'vitest';
import type { SearchFilter } from '../../../engine/store/search.ts';
import type { Store } from '../../../engine/store/store.ts';
import type { ExecutionRecord, ExecutionState, ExecutionStatus } from '../../../schemas/execution.ts';
import { type Begun, begin, claim, commit, expire, MACHINE, type StoreHarness } from './fixtures.ts';

const OTHER = 'arn:aws:states:us-east-1:000000000000:stateMachine:other';

type Ended = Exclude<ExecutionStatus, 'RUNNING'>;

async function end(begun: Begun, status: Ended, { error, left = [] as string[], before = 0 } = {} as EndOptions) {
  const stopMs = begun.record.startMs + 5;
  const state: ExecutionState =
    status === 'SUCCEEDED'
      ? { status, stopMs, output: '1' }
      : { status, stopMs, ...(error !== undefined && { error }) };
  await commit(begun, { closed: true, head: { state, events: before + 1, visits: 1 }, left });
  return stopMs;
}

interface EndOptions {
  readonly error?: string;
  readonly left?: string[];
  readonly before?: number;
}

/** It has begun, and stays in states. */
const enter = (begun: Begun, entered: string[], left: string[] = [], before = 0): Promise<void> =>
  commit(begun, { entered, left, head: { state: { status: 'RUNNING' }, events: before + 1, visits: 1 } });

/** Every row, page by page. */
async function findAll(store: Store, filter: SearchFilter, limit = 100): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search.find(filter, { limit, ...(cursor !== undefined && { cursor }) });
    expect(page.executions.length).toBeLessThanOrEqual(limit);
    names.push(...page.executions.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return names;
}

const CITIES = ['London', 'Wien', '__proto__', 'ä"\\\n:*'];
const ENDS: readonly Ended[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** Executions of two machines that differ in everything that can be looked for. */
async function many(store: Store, count: number, elapse: (ms: number) => Promise<void>) {
  const kept: { record: ExecutionRecord; status: ExecutionStatus; error?: string; state?: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const attributes = { city: CITIES[index % 4] ?? '', half: String(index % 2), constructor: String(index) };
    const machine = index % 3 === 0 ? { stateMachineArn: OTHER, stateMachineName: 'other' } : {};
    const begun = await begin(store, `${'abc'[index % 3]}-${index}`, { attributes, ...machine });
    const state = `State ${index % 5} "\\ é`;
    await enter(begun, [state]);
    const status = ENDS[index % 7];
    const error = status === undefined || status === 'SUCCEEDED' ? undefined : `Error.${index % 2}`;
    if (status) await end(begun, status, { ...(error !== undefined && { error }), left: [state], before: 1 });
    kept.push({ record: begun.record, status: status ?? 'RUNNING', ...(error !== undefined && { error }), state });
    if (index % 4 === 0) await elapse(1);
  }
  return kept;
}

type Kept = Awaited<ReturnType<typeof many>>[number];

function isMatch({ record, status, error, state }: Kept, filter: SearchFilter): boolean {
  const { attributes = {} } = record;
  return (
    (filter.stateMachineArn ?? record.stateMachineArn) === record.stateMachineArn &&
    (filter.status ?? status) === status &&
    record.startMs >= (filter.startedAfterMs ?? 0) &&
    record.startMs < (filter.startedBeforeMs ?? Number.POSITIVE_INFINITY) &&
    record.name.startsWith(filter.namePrefix ?? '') &&
    (filter.error === undefined || filter.error === error) &&
    (filter.waitingIn === undefined || (status === 'RUNNING' && filter.waitingIn === state)) &&
    Object.entries(filter.attributes ?? {}).every(([name, value]) => attributes[name] === value)
  );
}

/** @param middle an instant between their starts */
const filtersFor = (middle: number, state: string): SearchFilter[] => [
  {},
  { status: 'RUNNING' },
  { status: 'FAILED' },
  { stateMachineArn: MACHINE },
  { stateMachineArn: OTHER, status: 'SUCCEEDED' },
  { startedAfterMs: middle },
  { startedBeforeMs: middle, status: 'RUNNING' },
  { stateMachineArn: MACHINE, startedAfterMs: middle, startedBeforeMs: middle + 1 },
  { error: 'Error.1' },
  { error: 'Error.1', stateMachineArn: MACHINE },
  { error: 'Error.1', status: 'ABORTED' },
  { error: 'Error.1', status: 'RUNNING' },
  { error: 'Error' },
  ...CITIES.map((city): SearchFilter => ({ stateMachineArn: MACHINE, attributes: { city } })),
  { stateMachineArn: MACHINE, attributes: { city: 'Wien', half: '1' } },
  { stateMachineArn: MACHINE, attributes: { city: 'Wien', half: '0' } },
  { stateMachineArn: MACHINE, attributes: { constructor: '4' } },
  { stateMachineArn: MACHINE, attributes: { toString: '4' } },
  { stateMachineArn: MACHINE, attributes: { half: '1' }, status: 'RUNNING', startedAfterMs: middle },
  { stateMachineArn: MACHINE, waitingIn: state },
  { stateMachineArn: MACHINE, waitingIn: state, startedBeforeMs: middle },
  { stateMachineArn: MACHINE, waitingIn: state, attributes: { half: '1' } },
  { stateMachineArn: MACHINE, waitingIn: 'State' },
  { stateMachineArn: MACHINE, waitingIn: state, status: 'FAILED' },
  { namePrefix: '' },
  { namePrefix: 'b-' },
  { namePrefix: 'b-', status: 'RUNNING' },
  { namePrefix: 'b', stateMachineArn: MACHINE, attributes: { city: 'Wien' } },
  { namePrefix: 'a', stateMachineArn: MACHINE },
  { namePrefix: 'b', stateMachineArn: MACHINE, waitingIn: state },
  { namePrefix: 'c-1', error: 'Error.0' },
  { namePrefix: 'z' },
];

export function testSearching({ open, elapse }: StoreHarness): void {
  describe('search', () => {
    test('finds what meets all conditions, in order, however long the pages', async () => {
      const store = await open();
      const kept = await many(store, 60, elapse);
      const middle = kept[30]?.record.startMs ?? 0;
      const state = kept.find(
        ({ status, record }) => status === 'RUNNING' && record.stateMachineArn === MACHINE,
      )?.state;
      const startOf = (name: string) => kept.find(({ record }) => record.name === name)?.record.startMs ?? 0;
      for (const filter of filtersFor(middle, state ?? '')) {
        const expected = kept.filter((each) => isMatch(each, filter)).map(({ record }) => record.name);
        for (const limit of [1, 7, 100]) {
          const found = await findAll(store, filter, limit);
          expect(found.toSorted()).toEqual(expected.toSorted());
          if (filter.namePrefix !== undefined) expect(found).toEqual(found.toSorted());
          else expect(found.map(startOf)).toEqual(found.map(startOf).toSorted((a, b) => b - a));
        }
      }
    });

    test('tells of each how it stands, its attributes and its error', async () => {
      const store = await open();
      const begun = await begin(store, 'a', { attributes: { city: 'Wien' } });
      const { input: _input, ...row } = begun.record;
      const find = () => store.search.find({ stateMachineArn: MACHINE, attributes: { city: 'Wien' } }, { limit: 9 });
      expect(await find()).toEqual({ executions: [{ ...row, status: 'RUNNING' }] });
      const stopMs = await end(begun, 'FAILED', { error: 'E' });
      expect(await find()).toEqual({ executions: [{ ...row, status: 'FAILED', stopMs, error: 'E' }] });
    });

    test('follows an execution through its states, its end and its redrive', async () => {
      const store = await open();
      const begun = await begin(store, 'a');
      const inState = (waitingIn: string) => findAll(store, { stateMachineArn: MACHINE, waitingIn });
      await enter(begun, ['Pay', 'Ship']);
      expect([await inState('Pay'), await inState('Ship')]).toEqual([['a'], ['a']]);
      await enter(begun, ['Wait'], ['Pay'], 1);
      expect([await inState('Pay'), await inState('Wait')]).toEqual([[], ['a']]);
      const stopMs = await end(begun, 'TIMED_OUT', { error: 'E', left: ['Ship', 'Wait'], before: 2 });
      expect([await inState('Ship'), await inState('Wait')]).toEqual([[], []]);
      expect(await findAll(store, { error: 'E' })).toEqual(['a']);
      await store.executions.redrive(begun.record.executionArn, 'token', stopMs);
      expect(await findAll(store, { error: 'E' })).toEqual([]);
      expect(await findAll(store, { status: 'RUNNING' })).toEqual(['a']);
      await end(begun, 'FAILED', { error: 'F', before: 3 });
      expect(await findAll(store, { error: 'E' })).toEqual([]);
      expect(await findAll(store, { error: 'F', stateMachineArn: MACHINE })).toEqual(['a']);
    });

    test('knows nothing of what retention has taken', async () => {
      const store = await open({ retentionMs: 1 });
      const begun = await begin(store, 'a', { attributes: { city: 'Wien' } });
      await end(begun, 'FAILED', { error: 'E' });
      await elapse(50);
      expect(await expire(store, begun.lease, 10)).toBe(1);
      for (const filter of [{}, { error: 'E' }, { namePrefix: 'a' }, { stateMachineArn: MACHINE }]) {
        expect(await findAll(store, filter)).toEqual([]);
      }
      expect((await store.search.counts()).statuses.FAILED).toBe(0);
    });

    test('finds a name from the first commit on, also when that ends the execution', async () => {
      const store = await open();
      const begun = await begin(store, 'order-1');
      await end(begun, 'SUCCEEDED');
      expect(await findAll(store, { namePrefix: 'order' })).toEqual(['order-1']);
      expect(await findAll(store, { namePrefix: 'order-1' })).toEqual(['order-1']);
      expect(await findAll(store, { namePrefix: 'order-11' })).toEqual([]);
    });

    test('leaves the children of Map Runs out', async () => {
      const store = await open();
      const parent = await begin(store, 'a');
      await enter(parent, []);
      const child = {
        mapRunArn: 'arn:map-run',
        parent: parent.record.executionId,
        visit: 1,
        index: 0,
        scope: '',
        type: 'STANDARD',
        items: 1,
        tellsInput: false,
      } as const;
      const begun = await begin(store, 'child', { child });
      await commit(begun, { entered: ['Pay'], head: { state: { status: 'RUNNING' }, events: 1, visits: 1 } });
      await claim(store, parent.shard);
      expect(await findAll(store, {})).toEqual(['a']);
      expect(await findAll(store, { namePrefix: '' })).not.toContain('child');
      expect((await store.search.counts(MACHINE)).states).toEqual([]);
    });

    test.each([
      [{}, ''],
      [{}, 'x'],
      [{}, 'YQ.aaaaaaaaaaaaaaaaaaaaaa.name'],
      [{ namePrefix: 'a' }, '1700000000000.aaaaaaaaaaaaaaaaaaaaaa'],
      [{ namePrefix: 'a' }, '.aaaaaaaaaaaaaaaaaaaaaa.name'],
    ])('finds nothing of %j behind %j, which is no cursor of its order', async (filter, cursor) => {
      const store = await open();
      await end(await begin(store, 'a'), 'SUCCEEDED');
      expect(await store.search.find(filter, { limit: 2, cursor })).toEqual({ executions: [] });
    });
  });

  describe('counts', () => {
    test('are by status, and by state for one machine', async () => {
      const store = await open();
      const none = { RUNNING: 0, SUCCEEDED: 0, FAILED: 0, TIMED_OUT: 0, ABORTED: 0 };
      expect(await store.search.counts()).toEqual({ statuses: none });
      const [first, second] = [await begin(store, 'a'), await begin(store, 'b')];
      await enter(first, ['Pay', '__proto__']);
      await enter(second, ['Pay']);
      await end(await begin(store, 'c', { stateMachineArn: OTHER }), 'ABORTED');
      const { statuses, states = [] } = await store.search.counts(MACHINE);
      expect(statuses).toEqual({ ...none, RUNNING: 2 });
      expect(states.toSorted((a, b) => a.executions - b.executions)).toEqual([
        { state: '__proto__', executions: 1 },
        { state: 'Pay', executions: 2 },
      ]);
      expect(await store.search.counts()).toEqual({ statuses: { ...none, RUNNING: 2, ABORTED: 1 } });
      expect(await store.search.counts('none')).toEqual({ statuses: none, states: [] });
    });
  });

  describe('the search attributes of a machine', () => {
    test('are kept with it, whatever its revision, and go with it', async () => {
      const { registry } = await open();
      const machine = { stateMachineArn: MACHINE, name: 'orders', type: 'STANDARD' as const, roleArn: 'r' };
      const paths = { city: '$.address.city', orderId: '$.id' };
      expect(await registry.setSearchAttributes(MACHINE, paths)).toBe(false);
      await registry.createMachine({ ...machine, revisionId: '1', definition: '{}', configuration: '{}' });
      expect(await registry.searchAttributes(MACHINE)).toBeUndefined();
      expect(await registry.setSearchAttributes(MACHINE, paths)).toBe(true);
      expect(await registry.searchAttributes(MACHINE)).toEqual(paths);
      expect(await registry.machine(MACHINE)).toMatchObject({ revisionId: '1', searchAttributes: paths });
      await registry.updateMachine(MACHINE, { revisionId: '2', definition: '{ }' });
      expect(await registry.machine(MACHINE)).toMatchObject({ revisionId: '2', searchAttributes: paths });
      expect(await registry.revision('2')).not.toHaveProperty('searchAttributes');
      expect(await registry.setSearchAttributes(MACHINE, {})).toBe(true);
      expect(await registry.machine(MACHINE)).not.toHaveProperty('searchAttributes');
      await registry.setSearchAttributes(MACHINE, paths);
      await registry.deleteMachine(MACHINE);
      expect(await registry.searchAttributes(MACHINE)).toBeUndefined();
      await registry.createMachine({ ...machine, revisionId: '3', definition: '{}', configuration: '{}' });
      expect(await registry.searchAttributes(MACHINE)).toBeUndefined();
    });
  });
}
