import type { Json, JsonObject } from '../../schemas/json.ts';
import { member, setMember } from '../../schemas/json.ts';
import type { Subject } from './subject.ts';

/** What a Map makes of its items, in either language. */
const ITEMS = ['afterItemsPointer', 'afterItemSelector', 'afterItemBatcher'];

/** Which values AWS shows of each type of state. JSONata shows less: its expressions stand for themselves. */
const SHOWN: { readonly [L in 'JSONPath' | 'JSONata']: Readonly<Record<string, readonly string[]>> } = {
  JSONPath: {
    Task: ['afterInputPath', 'afterParameters', 'result', 'afterResultSelector', 'afterResultPath'],
    Pass: ['afterInputPath', 'afterParameters', 'afterResultSelector', 'afterResultPath'],
    Parallel: ['afterResultSelector', 'afterResultPath'],
    Map: ['afterInputPath', 'afterItemsPath', ...ITEMS, 'afterResultSelector', 'afterResultPath'],
    Choice: ['afterInputPath'],
    Wait: ['afterInputPath'],
    Succeed: ['afterInputPath'],
    Fail: ['afterInputPath'],
  },
  JSONata: { Task: ['afterArguments', 'result'], Map: ITEMS },
};

/** A Pass state that has a Result looks at nothing else. */
const FIXED_RESULT = ['result', 'afterResultSelector', 'afterResultPath'];

/** Values that are no JSON texts in the answer, but numbers. */
const NUMBERS = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'];

/** The observed values that belong to the state, by their names in the answer. */
export function shownOf({ state, node, language }: Subject, observed: Readonly<JsonObject>): JsonObject {
  const fixed = node.type === 'Pass' && member(state, 'Result') !== undefined;
  const names = fixed && language.name === 'JSONPath' ? FIXED_RESULT : (SHOWN[language.name][node.type] ?? []);
  const shown: JsonObject = {};
  for (const name of [...names, ...NUMBERS, 'variables']) {
    const value: Json | undefined = member(observed, name);
    if (value !== undefined) setMember(shown, name, value);
  }
  return shown;
}
