import { describe, expect, test } from 'vitest';
import { MACHINE, type StoreHarness } from './fixtures.ts';

const LEASE_MS = 60_000;
const asked = (id: string, stateMachineArn = MACHINE) => ({
  id,
  stateMachineArn,
  asked: `{"text":"${'ü'.repeat(2000)}"}`,
  progress: '{"found":0}',
});

export function testBulkRedrives({ open, again, elapse }: StoreHarness): void {
  describe('a redrive of many executions', () => {
    test('is kept until somebody takes it, and taken by one at a time', async () => {
      const store = await open();
      const { bulkRedrives } = store;
      expect(await bulkRedrives.claim(LEASE_MS)).toBeUndefined();
      expect(await bulkRedrives.create(asked('one'))).toBe('one');
      const kept = { ...asked('one'), createdMs: expect.any(Number), status: 'RUNNING', cancelled: false };
      expect(await bulkRedrives.describe('one')).toEqual(kept);
      const takers = [bulkRedrives, (await again(store)).bulkRedrives];
      const claims = await Promise.all([...takers, ...takers].map((taker) => taker.claim(LEASE_MS)));
      expect(claims.filter((claim) => claim !== undefined)).toEqual([{ ...kept, epoch: 1 }]);
      expect(await bulkRedrives.describe('none')).toBeUndefined();
    });

    test('is the only one of its machine until it has ended, and the same when it is asked for again', async () => {
      const { bulkRedrives } = await open();
      const created = await Promise.all(['one', 'two', 'three'].map((id) => bulkRedrives.create(asked(id))));
      expect(new Set(created)).toEqual(new Set(['one']));
      expect(await bulkRedrives.create(asked('other', `${MACHINE}-2`))).toBe('other');
      const claim = await bulkRedrives.claim(LEASE_MS);
      if (!claim) throw new Error('Nothing to claim');
      expect(claim.id).toBe('one');
      expect(await bulkRedrives.save(claim, '{"found":3}', 0, 'COMPLETED')).toBe('saved');
      expect(await bulkRedrives.describe('one')).toMatchObject({ status: 'COMPLETED', progress: '{"found":3}' });
      expect(await bulkRedrives.create(asked('two'))).toBe('two');
      expect(await bulkRedrives.create(asked('one'))).toBe('one');
      expect(await bulkRedrives.save(claim, '{}', LEASE_MS)).toBe('lost');
      const left = [await bulkRedrives.claim(LEASE_MS), await bulkRedrives.claim(LEASE_MS)].map((each) => each?.id);
      expect(left.toSorted()).toEqual(['other', 'two']);
      expect(await bulkRedrives.claim(LEASE_MS)).toBeUndefined();
    });

    test('is gone on with by another when the lease has ended, from what was saved', async () => {
      const { bulkRedrives } = await open();
      await bulkRedrives.create(asked('one'));
      const dead = await bulkRedrives.claim(500);
      if (!dead) throw new Error('Nothing to claim');
      await bulkRedrives.save(dead, '{"found":1}', 500);
      expect(await bulkRedrives.claim(LEASE_MS)).toBeUndefined();
      await elapse(550);
      const heir = await bulkRedrives.claim(LEASE_MS);
      expect(heir).toMatchObject({ id: 'one', epoch: 2, progress: '{"found":1}' });
      expect(await bulkRedrives.save(dead, '{"found":9}', LEASE_MS)).toBe('lost');
      expect(await bulkRedrives.describe('one')).toMatchObject({ progress: '{"found":1}' });
    });

    test('is free at once when it is given up', async () => {
      const { bulkRedrives } = await open();
      await bulkRedrives.create(asked('one'));
      const claim = await bulkRedrives.claim(LEASE_MS);
      if (claim) await bulkRedrives.save(claim, '{"found":1}', 0);
      expect(await bulkRedrives.claim(LEASE_MS)).toMatchObject({ id: 'one', progress: '{"found":1}' });
    });

    test('hears with what it saves that it is to end', async () => {
      const { bulkRedrives } = await open();
      expect(await bulkRedrives.cancel('none')).toBe(false);
      await bulkRedrives.create(asked('one'));
      expect(await bulkRedrives.cancel('one')).toBe(true);
      expect(await bulkRedrives.describe('one')).toMatchObject({ status: 'RUNNING', cancelled: true });
      const claim = await bulkRedrives.claim(LEASE_MS);
      if (!claim) throw new Error('Nothing to claim');
      expect(claim.cancelled).toBe(true);
      expect(await bulkRedrives.save(claim, '{}', LEASE_MS)).toBe('cancelled');
      await bulkRedrives.save(claim, '{}', LEASE_MS, 'CANCELLED');
      expect(await bulkRedrives.describe('one')).toMatchObject({ status: 'CANCELLED' });
      expect(await bulkRedrives.cancel('one')).toBe(true);
    });
  });
}
