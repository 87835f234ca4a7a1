import { describe, expect, test } from 'vitest';
import type { StateMachineRecord } from '../../../engine/store/store.ts';
import { MACHINE, type StoreHarness } from './fixtures.ts';

function newMachine(name: string, more: Partial<StateMachineRecord> = {}) {
  return {
    stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
    name,
    type: 'STANDARD' as const,
    roleArn: 'arn:aws:iam::000000000000:role/r',
    revisionId: `${name}-1`,
    definition: '{"StartAt":"A"}',
    configuration: '{"tracingConfiguration":{"enabled":false}}',
    ...more,
  };
}

const names = ['b', 'A', 'ä', 'a', '__proto__', 'a b', '\uffe6', '😀', 'aa', 'constructor'];
const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Reads a list to its end, page by page. */
async function readPages(page: (after?: string) => Promise<{ names: string[]; more: boolean }>): Promise<string[]> {
  const all: string[] = [];
  for (let more = true; more; ) {
    const next = await page(all.at(-1));
    all.push(...next.names);
    more = next.more;
  }
  return all;
}

export function testRegistering({ open, again, elapse }: StoreHarness): void {
  describe('a state machine', () => {
    test('is created once; the second gets the first', async () => {
      const { registry } = await open();
      const definition = JSON.stringify({ Comment: '😀'.repeat(200_000) });
      const { created, machine } = await registry.createMachine(newMachine('m', { definition }));
      expect(created).toBe(true);
      expect(machine).toEqual({
        ...newMachine('m', { definition }),
        creationMs: machine.creationMs,
        updateMs: machine.creationMs,
      });
      const second = await registry.createMachine(newMachine('m', { definition: '{}', revisionId: 'm-2' }));
      expect(second).toEqual({ created: false, machine });
      expect(await registry.machine(machine.stateMachineArn)).toEqual(machine);
      expect(await registry.machine(MACHINE)).toBeUndefined();
      expect(await registry.revision('m-2')).toBeUndefined();
    });

    test('is created once, however many ask at the same time', async () => {
      const store = await open();
      const other = await again(store);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : other).registry.createMachine(newMachine('m', { revisionId: `r-${index}` })),
        ),
      );
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(answers.map(({ machine }) => machine.revisionId)).size).toBe(1);
    });

    test('keeps every revision, also when it is deleted', async () => {
      const { registry } = await open();
      const { machine } = await registry.createMachine(newMachine('m'));
      await elapse(2);
      const change = { revisionId: 'm-2', definition: '{"StartAt":"B"}' };
      const updated = await registry.updateMachine(machine.stateMachineArn, change);
      expect(updated).toEqual({ ...machine, ...change, updateMs: updated?.updateMs });
      expect(updated?.updateMs).toBeGreaterThan(machine.updateMs);
      expect(await registry.updateMachine(MACHINE, change)).toBeUndefined();
      await registry.deleteMachine(machine.stateMachineArn);
      await registry.deleteMachine(machine.stateMachineArn);
      expect(await registry.machine(machine.stateMachineArn)).toBeUndefined();
      expect(await registry.revision('m-1')).toEqual(machine);
      expect(await registry.revision('m-2')).toEqual(updated);
      expect(await registry.listMachines({ limit: 5 })).toEqual({ machines: [], more: false });
      expect((await registry.createMachine(newMachine('m', { revisionId: 'm-3' }))).created).toBe(true);
    });

    test('takes changes made at the same time one after the other', async () => {
      const store = await open();
      const other = await again(store);
      const { machine } = await store.registry.createMachine(newMachine('m'));
      const arn = machine.stateMachineArn;
      await Promise.all([
        store.registry.updateMachine(arn, { revisionId: 'r-1', definition: '{"StartAt":"B"}' }),
        other.registry.updateMachine(arn, { revisionId: 'r-2', roleArn: 'other' }),
        store.registry.updateMachine(arn, { revisionId: 'r-3', configuration: '{}' }),
      ]);
      expect(await store.registry.machine(arn)).toMatchObject({
        definition: '{"StartAt":"B"}',
        roleArn: 'other',
        configuration: '{}',
      });
    });

    test('is listed by name, in pages, without its definition', async () => {
      const { registry } = await open();
      for (const name of names) await registry.createMachine(newMachine(name));
      for (const limit of [1, 3, 100]) {
        const all = await readPages(async (after) => {
          const { machines, more } = await registry.listMachines({ limit, ...(after !== undefined && { after }) });
          expect(machines.length).toBeLessThanOrEqual(limit);
          return { names: machines.map(({ name }) => name), more };
        });
        expect(all).toEqual(sorted);
      }
      const { machines } = await registry.listMachines({ limit: 1, after: 'a' });
      const { definition: _d, configuration: _c, roleArn: _r, revisionId: _v, ...row } = newMachine('a b');
      expect(machines).toEqual([{ ...row, creationMs: expect.any(Number) }]);
    });
  });

  describe('an activity', () => {
    const activityArn = (name: string) => `arn:aws:states:us-east-1:000000000000:activity:${name}`;

    test('is created once, and is gone when deleted', async () => {
      const { registry } = await open();
      const first = await registry.createActivity({ activityArn: activityArn('pay'), name: 'pay' });
      expect(first).toEqual({
        created: true,
        activity: { activityArn: activityArn('pay'), name: 'pay', creationMs: expect.any(Number) },
      });
      await elapse(2);
      const second = await registry.createActivity({ activityArn: activityArn('pay'), name: 'pay' });
      expect(second).toEqual({ created: false, activity: first.activity });
      expect(await registry.activity(activityArn('pay'))).toEqual(first.activity);
      await registry.deleteActivity(activityArn('pay'));
      await registry.deleteActivity(activityArn('pay'));
      expect(await registry.activity(activityArn('pay'))).toBeUndefined();
      expect(await registry.listActivities({ limit: 5 })).toEqual({ activities: [], more: false });
    });

    test('is listed by name, in pages', async () => {
      const { registry } = await open();
      for (const name of names) await registry.createActivity({ activityArn: activityArn(name), name });
      const all = await readPages(async (after) => {
        const { activities, more } = await registry.listActivities({ limit: 3, ...(after !== undefined && { after }) });
        return { names: activities.map(({ name }) => name), more };
      });
      expect(all).toEqual(sorted);
    });
  });

  describe('the settings of an activity', () => {
    const arn = 'arn:aws:states:us-east-1:000000000000:activity:pay';
    const limits = { maxConcurrency: 5, ratePerSecond: 0.5, burst: 2, priority: "$.order['rank']" };

    test('are kept with it, and each stays when the other changes', async () => {
      const { registry } = await open();
      const { activity } = await registry.createActivity({ activityArn: arn, name: 'pay' });
      expect(await registry.changeActivity(arn, { limits })).toEqual({ ...activity, limits });
      expect(await registry.changeActivity(arn, { paused: true })).toEqual({ ...activity, limits, paused: true });
      expect(await registry.activity(arn)).toEqual({ ...activity, limits, paused: true });
      expect(await registry.changeActivity(arn, { limits: {} })).toEqual({ ...activity, paused: true });
      expect(await registry.changeActivity(arn, { paused: false })).toEqual(activity);
      expect(await registry.activity(arn)).toEqual(activity);
      expect((await registry.listActivities({ limit: 5 })).activities).toEqual([activity]);
    });

    test('go with it', async () => {
      const { registry, permits } = await open();
      expect(await registry.changeActivity(arn, { limits })).toBeUndefined();
      await registry.createActivity({ activityArn: arn, name: 'pay' });
      await registry.changeActivity(arn, { limits, paused: true });
      await registry.deleteActivity(arn);
      const { activity } = await registry.createActivity({ activityArn: arn, name: 'pay' });
      expect(await registry.activity(arn)).toEqual(activity);
      expect((await permits.settings('?'))?.settings).toEqual(new Map());
    });

    test('are told to who asks what has changed', async () => {
      const { registry, permits } = await open();
      await registry.createActivity({ activityArn: arn, name: 'pay' });
      await registry.changeActivity(arn, { limits });
      const first = await permits.settings('?');
      expect(first?.settings).toEqual(new Map([[arn, { limits }]]));
      expect(await permits.settings(first?.version ?? '')).toBeUndefined();
      await registry.changeActivity(arn, { limits: {}, paused: true });
      expect((await permits.settings(first?.version ?? ''))?.settings).toEqual(new Map([[arn, { paused: true }]]));
    });
  });

  describe('tags', () => {
    const first = [
      { key: 'b', value: '1' },
      { key: 'a', value: '' },
    ];
    const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:pay';

    test('belong to a machine or an activity from its creation to its end', async () => {
      const { registry } = await open();
      const { machine } = await registry.createMachine(newMachine('m'), first);
      await registry.createMachine(newMachine('m'), []);
      await registry.createActivity({ activityArn: ACTIVITY, name: 'pay' }, first);
      for (const arn of [machine.stateMachineArn, ACTIVITY]) {
        expect(await registry.tags(arn)).toEqual(first);
        expect(await registry.changeTags(arn, () => [])).toEqual([]);
        expect(await registry.tags(arn)).toEqual([]);
        expect(await registry.changeTags(arn, (tags) => [...tags, ...first])).toEqual(first);
      }
      await registry.deleteMachine(machine.stateMachineArn);
      await registry.deleteActivity(ACTIVITY);
      for (const arn of [machine.stateMachineArn, ACTIVITY]) {
        expect(await registry.tags(arn)).toBeUndefined();
        expect(await registry.changeTags(arn, () => first)).toBeUndefined();
      }
      await registry.createMachine(newMachine('m'));
      expect(await registry.tags(machine.stateMachineArn)).toEqual([]);
    });

    test('are changed one after the other, and stay when the change fails', async () => {
      const store = await open();
      const other = await again(store);
      const { stateMachineArn: arn } = newMachine('m');
      await store.registry.createMachine(newMachine('m'));
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          (at % 2 ? store : other).registry.changeTags(arn, (tags) => [...tags, { key: `${at}`, value: '' }]),
        ),
      );
      expect(new Set((await store.registry.tags(arn))?.map(({ key }) => key)).size).toBe(20);
      const fail = () => {
        throw new RangeError('too many');
      };
      await expect(store.registry.changeTags(arn, fail)).rejects.toThrow(RangeError);
      expect(await store.registry.tags(arn)).toHaveLength(20);
    });
  });
}
