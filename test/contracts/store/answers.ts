import { describe, expect, test } from 'vitest';
import type { StoreHarness } from './fixtures.ts';

export function testAnswers({ open, again }: StoreHarness): void {
  describe('answers', () => {
    test('are kept under the key that a request has claimed', async () => {
      const { answers } = await open();
      expect(await answers.claim('key', 'print', 'r1')).toBe('yours');
      expect(await answers.claim('key', 'print', 'r2')).toEqual({ fingerprint: 'print' });
      expect(await answers.claim('key', 'other', 'r3')).toEqual({ fingerprint: 'print' });
      const answer = `{"text":"${'long '.repeat(500)}\\n"}`;
      await answers.keep('key', 'print', answer);
      expect(await answers.claim('key', 'other', 'r3')).toEqual({ fingerprint: 'print', answer });
      expect(await answers.claim('another', 'print', 'r4')).toBe('yours');
    });

    test('claim a key once for a request that is sent twice', async () => {
      const { answers } = await open();
      expect(await answers.claim('key', 'print', 'r1')).toBe('yours');
      expect(await answers.claim('key', 'print', 'r1')).toBe('yours');
    });

    test('leave a key that was given back to the next', async () => {
      const store = await open();
      const { answers } = await again(store);
      expect(await answers.claim('key', 'print', 'r1')).toBe('yours');
      await answers.release('key');
      expect(await store.answers.claim('key', 'other', 'r2')).toBe('yours');
    });
  });
}
