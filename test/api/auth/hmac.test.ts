import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmac, hmacKey } from '../../../api/auth/hmac.ts';

test('an HMAC is what Node says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: 'binary', maxLength: 300 }), (key, text) => {
      expect(hmac(hmacKey(key), text)).toEqual(createHmac('sha256', key).update(text).digest());
    }),
  );
});
