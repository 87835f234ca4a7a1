import type { JsonObject } from '../schemas/json.ts';

/** What is measured: machines, and the data that goes through them. */

const SCOPE = 'us-east-1:000000000000';
export const ROLE_ARN = 'arn:aws:iam::000000000000:role/bench';
export const activityArnOf = (name: string): string => `arn:aws:states:${SCOPE}:activity:${name}`;
export const machineArnOf = (name: string): string => `arn:aws:states:${SCOPE}:stateMachine:${name}`;

/** About 256 bytes, as an order that goes through a saga. */
export const order = (number: number): JsonObject => ({
  order: number,
  customer: { id: `customer-${number % 1000}`, name: 'Ada Lovelace', city: 'London', premium: number % 2 === 0 },
  items: [
    { sku: 'BOOK-0042', count: 2, price: 12.5 },
    { sku: 'LAMP-0007', count: 1, price: 49.9 },
  ],
  currency: 'EUR',
  total: 74.9,
  note: 'leave it with the neighbour, please',
});

/** States that need nothing from outside: in turn a plain Pass, a Choice on the data, a Pass that adds a value. */
export function pureMachine(states: number): JsonObject {
  const kinds = [
    (next: JsonObject) => ({ Type: 'Pass', ...next }),
    ({ Next }: JsonObject) => ({
      Type: 'Choice',
      Choices: [{ Variable: '$.total', NumericGreaterThan: 1000, Next: 'S1' }],
      Default: Next ?? null,
    }),
    (next: JsonObject) => ({ Type: 'Pass', Parameters: { 'total.$': '$.total' }, ResultPath: '$.checked', ...next }),
  ];
  const names = Array.from({ length: states }, (_, index) => `S${index + 1}`);
  return {
    StartAt: 'S1',
    States: Object.fromEntries(
      names.map((name, index) => {
        const next = names[index + 1];
        // A Choice cannot be the last.
        const kind = next === undefined ? kinds[0] : kinds[index % kinds.length];
        return [name, kind?.(next === undefined ? { End: true } : { Next: next }) ?? null];
      }),
    ),
  };
}

/** So many Tasks in a row on one activity. */
export function taskMachine(tasks: number, activity: string, fields: JsonObject = {}): JsonObject {
  const names = Array.from({ length: tasks }, (_, index) => `Task${index + 1}`);
  const task = (next: string | undefined): JsonObject => ({
    Type: 'Task',
    Resource: activityArnOf(activity),
    ...fields,
    ...(next === undefined ? { End: true } : { Next: next }),
  });
  return { StartAt: 'Task1', States: Object.fromEntries(names.map((name, index) => [name, task(names[index + 1])])) };
}
