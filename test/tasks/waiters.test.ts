import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Waiters } from '../../engine/tasks/waiters.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

test('each caller waits as long as it asked for, on one timer', async () => {
  const waiters = new Waiters<string>();
  const ended: string[] = [];
  const wait = (name: string, waitMs: number) => waiters.wait(waitMs, never).then(() => ended.push(name));
  const all = [wait('long', 3_000), wait('short', 1_000), wait('middle', 2_000)];
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ended).toEqual(['short']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ended).toEqual(['short', 'middle']);
  await vi.advanceTimersByTimeAsync(1_000);
  await Promise.all(all);
  expect(ended).toEqual(['short', 'middle', 'long']);
  expect(vi.getTimerCount()).toBe(0);
});

test('no timer is left when nobody waits', async () => {
  const waiters = new Waiters<string>();
  const gone = new AbortController();
  const served = waiters.wait(1_000, never);
  const aborted = waiters.wait(1_000, gone.signal);
  gone.abort();
  expect(waiters.hand('task')).toBe(true);
  expect(await served).toBe('task');
  expect(await aborted).toBeUndefined();
  expect(waiters.hand('task')).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test('thousands of callers cost one timer', () => {
  const waiters = new Waiters<string>();
  for (let count = 0; count < 5_000; count += 1) void waiters.wait(60_000 + count, never);
  expect(waiters.size).toBe(5_000);
  expect(vi.getTimerCount()).toBe(1);
  waiters.dissolve();
  expect(waiters.size).toBe(0);
});
