import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueSet } from '../../engine/store/memory/due-set.ts';

const member = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const instant = fc.integer({ min: 0, max: 20 });
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), member, at: instant }),
  fc.record({ do: fc.constant('delete' as const), member, at: instant }),
  fc.record({ do: fc.constant('take' as const), member, at: instant }),
);

test('a due set does what a sorted map does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const set = new DueSet();
      const model = new Map<string, number>();
      const sorted = () => [...model].sort(([a, aMs], [b, bMs]) => aMs - bMs || (a < b ? -1 : 1));
      for (const { do: action, member: name, at } of steps) {
        if (action === 'set') {
          set.set(name, at);
          model.set(name, at);
        } else if (action === 'delete') {
          expect(set.delete(name)).toBe(model.delete(name));
        } else {
          const due = sorted().filter(([, ms]) => ms <= at);
          const taken = due.slice(0, 2).map(([each]) => each);
          for (const each of taken) model.delete(each);
          expect(set.take(at, 2)).toEqual(taken);
        }
        expect(set.get(name)).toBe(model.get(name));
        expect(set.firstMs).toBe(sorted()[0]?.[1]);
      }
    }),
  );
});
