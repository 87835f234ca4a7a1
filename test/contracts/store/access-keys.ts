import { describe, expect, test } from 'vitest';
import type { AccessKey } from '../../../schemas/access-key.ts';
import type { StoreHarness } from './fixtures.ts';

const newKey = (id: string, more: Partial<AccessKey> = {}): AccessKey => ({
  id,
  role: 'operator',
  activities: [],
  creationMs: 1000,
  secretHash: 'ab'.repeat(32),
  ...more,
});

const worker = newKey('SYAKW', {
  role: 'worker',
  activities: ['arn:aws:states:*:*:activity:email-*'],
  name: 'e-mail "ä"',
  expiryMs: 2000,
  rate: { perSecond: 0.5, burst: 3 },
  sealedSecret: 'c2VhbGVk',
});

export function testAccessKeys({ open, again, elapse }: StoreHarness): void {
  describe('an access key', () => {
    test('is known as it was created, until it is revoked', async () => {
      const { accessKeys } = await open();
      expect((await accessKeys.list())?.keys).toEqual([]);
      expect(await accessKeys.create(newKey('SYAKA'))).toBe(true);
      expect(await accessKeys.create(worker)).toBe(true);
      const { keys = [] } = (await accessKeys.list()) ?? {};
      expect(keys.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([newKey('SYAKA'), worker]);
      expect(await accessKeys.revoke('SYAKA')).toBe(true);
      expect((await accessKeys.list())?.keys).toEqual([worker]);
      expect(await accessKeys.revoke('SYAKA')).toBe(false);
    });

    test('is created once', async () => {
      const { accessKeys } = await open();
      expect(await accessKeys.create(newKey('SYAKA'))).toBe(true);
      expect(await accessKeys.create(newKey('SYAKA', { role: 'admin' }))).toBe(false);
      expect((await accessKeys.list())?.keys).toEqual([newKey('SYAKA')]);
    });

    test('is told to other processes as long as they do not know it, and so is its end', async () => {
      const store = await open();
      const { accessKeys: other } = await again(store);
      const none = await other.list();
      expect(await other.list(none?.version)).toBeUndefined();
      await store.accessKeys.create(newKey('SYAKA'));
      const one = await other.list(none?.version);
      expect(one?.keys).toHaveLength(1);
      expect(await other.list(one?.version)).toBeUndefined();
      await store.accessKeys.revoke('SYAKA');
      expect((await other.list(one?.version))?.keys).toEqual([]);
    });
  });

  describe('the bucket of a key', () => {
    test('holds the burst, and tells how long to wait when it is empty', async () => {
      const store = await open();
      const { accessKeys: other } = await again(store);
      const limit = { perSecond: 0.01, burst: 3 };
      const answers: number[] = [];
      for (const { spend } of [0, 1, 2].map((turn) => ({ spend: turn % 2 ? other : store.accessKeys }))) {
        answers.push(await spend.spend('SYAKA', limit));
      }
      expect(answers).toEqual([0, 0, 0]);
      const waitMs = await other.spend('SYAKA', limit);
      expect(waitMs).toBeGreaterThan(50_000);
      expect(waitMs).toBeLessThanOrEqual(100_000);
      expect(await other.spend('SYAKB', limit)).toBe(0);
    });

    test('fills again at its rate, up to the burst', async () => {
      const { accessKeys } = await open();
      const limit = { perSecond: 20, burst: 1 };
      expect(await accessKeys.spend('SYAKA', limit)).toBe(0);
      await elapse(200);
      expect(await accessKeys.spend('SYAKA', limit)).toBe(0);
      expect(await accessKeys.spend('SYAKA', { ...limit, perSecond: 0.01 })).toBeGreaterThan(0);
    });
  });

  describe('a signature', () => {
    const alone = { forMs: 60_000, sharedMs: 0 };

    test('is used by one request, which may say so again', async () => {
      const store = await open();
      const { accessKeys: other } = await again(store);
      expect(await store.accessKeys.useSignature('s', 'r1', alone)).toBe(true);
      expect(await other.useSignature('s', 'r1', alone)).toBe(true);
      expect(await other.useSignature('s', 'r2', alone)).toBe(false);
      expect(await other.useSignature('t', 'r2', alone)).toBe(true);
    });

    test('may be shared for a while after its first use', async () => {
      const { accessKeys } = await open();
      const shared = { forMs: 60_000, sharedMs: 5000 };
      for (const request of ['r1', 'r2', 'r3']) expect(await accessKeys.useSignature('s', request, shared)).toBe(true);
      await elapse(20);
      expect(await accessKeys.useSignature('s', 'r1', { ...shared, sharedMs: 20 })).toBe(true);
      expect(await accessKeys.useSignature('s', 'r4', { ...shared, sharedMs: 20 })).toBe(false);
    });

    test('is forgotten after its time', async () => {
      const { accessKeys } = await open();
      await accessKeys.useSignature('s', 'r1', { forMs: 20, sharedMs: 0 });
      await elapse(40);
      expect(await accessKeys.useSignature('s', 'r2', { forMs: 20, sharedMs: 0 })).toBe(true);
    });
  });

  describe('a session', () => {
    test('has the key that it was opened with, until it is closed', async () => {
      const store = await open();
      const { accessKeys: other } = await again(store);
      await store.accessKeys.openSession('s', 'SYAKA', 60_000);
      expect(await other.session('s')).toBe('SYAKA');
      expect(await other.session('t')).toBeUndefined();
      await other.closeSession('s');
      expect(await store.accessKeys.session('s')).toBeUndefined();
    });

    test('ends after its time', async () => {
      const { accessKeys } = await open();
      await accessKeys.openSession('s', 'SYAKA', 20);
      await elapse(40);
      expect(await accessKeys.session('s')).toBeUndefined();
    });
  });
}
