import { describe, expect, test } from 'vitest';
import { executionKey, machinePrefix, mapRunKey } from '../../engine/archive/archive-key.ts';

const of = (machine: string, name: string) => `arn:aws:states:eu-west-1:123456789012:execution:${machine}:${name}`;

describe('the key of an archived execution', () => {
  test.each([
    ['orders', 'a-1', /^executions\/123456789012\/eu-west-1\/orders\/a-1\.[\w-]{22}\.jsonl\.gz$/],
    ['orders/each', '0000-1', /^children\/123456789012\/eu-west-1\/orders\/each\/0000-1\.[\w-]{22}\.jsonl\.gz$/],
    ['..', '..', /^executions\/123456789012\/eu-west-1\/%2E\.\/%2E\.\.[\w-]{22}\.jsonl\.gz$/],
    ["o'(r)!", 'é+=@', /^executions\/123456789012\/eu-west-1\/o%27%28r%29%21\/%C3%A9%2B%3D%40\./],
  ])('is a path: %s %s', (machine, name, key) => {
    expect(executionKey(of(machine, name))).toMatch(key);
  });

  test('fits a file system, whatever the name', () => {
    const parts = executionKey(of('ü'.repeat(80), '漢'.repeat(80))).split('/');
    for (const part of parts) expect(part).toMatch(/^[\w.%-]{1,200}$/);
  });

  test('differs where names differ in case alone, or at their end', () => {
    const keys = ['a', 'A', `${'漢'.repeat(79)}a`, `${'漢'.repeat(79)}b`].map((name) => executionKey(of('m', name)));
    expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(keys.length);
  });

  test('begins with what its machine lists, and that of a Map Run does not', () => {
    const machine = 'arn:aws:states:eu-west-1:123456789012:stateMachine:orders';
    expect(executionKey(of('orders', 'a'))).toContain(machinePrefix(machine));
    expect(mapRunKey('arn:aws:states:eu-west-1:123456789012:mapRun:orders/each:1')).toMatch(
      /^map-runs\/123456789012\/eu-west-1\/orders\/each\/1\.[\w-]{22}\.json\.gz$/,
    );
  });
});
