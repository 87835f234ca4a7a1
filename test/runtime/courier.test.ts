import { describe, expect, test } from 'vitest';
import { NOBODY } from '../../engine/runtime/announcer.ts';
import { Courier } from '../../engine/runtime/courier.ts';
import type { EndedExecution, ExecutionStore, Notice, ShardStore } from '../../engine/store/store.ts';
import { type ExecutionId, formatWaiter } from '../../schemas/task.ts';

const lease = { shard: 0, owner: 'engine', epoch: 1, sequence: 0 };
const waiterOf = (visit: number): string =>
  formatWaiter(`AAAAAAAAAAAAAAAAAAAAAA.${visit}.01234567-89ab-cdef-0123-456789abcdef`, false);

const execution: EndedExecution = {
  executionId: 'BBBBBBBBBBBBBBBBBBBBBB' as ExecutionId,
  executionArn: 'arn:child',
  name: 'child',
  stateMachineArn: 'arn:machine',
  stateMachineName: 'machine',
  roleArn: 'arn:role',
  revisionId: 'r1',
  startMs: 1,
  input: '{}',
  seed: 'seed',
  status: 'SUCCEEDED',
  stopMs: 2,
  output: '1',
};
const ended = (id: string, ...visits: number[]): Notice => ({
  id,
  type: 'ended',
  waiters: visits.map(waiterOf),
  execution,
});

/** A shard with notices, and tasks that hear of them. */
class Post {
  due: Notice[];
  readonly removed: string[] = [];
  readonly told: number[] = [];
  readonly stopped: string[] = [];
  readonly warned: string[] = [];
  submission: 'submitted' | 'open' | 'closed' = 'open';
  /** Visits whose tasks cannot be reached. */
  readonly away = new Set<number>();
  reads = 0;
  readonly store: Pick<ShardStore, 'dueNotices' | 'removeNotices'> = {
    dueNotices: async (_lease, limit) => {
      this.reads += 1;
      return this.due.splice(0, limit);
    },
    removeNotices: async (_lease, ids) => {
      this.removed.push(...ids);
    },
  };
  readonly executions: Pick<ExecutionStore, 'settleTask' | 'stop' | 'submissionOf'> = {
    settleTask: async ({ visit }) => {
      if (this.away.has(visit)) throw new Error('away');
      this.told.push(visit);
      return 'accepted';
    },
    stop: async (executionArn) => {
      this.stopped.push(executionArn);
      return undefined;
    },
    submissionOf: async () => this.submission,
  };
  readonly courier: Courier;

  constructor(...due: Notice[]) {
    this.due = due;
    const log = { info() {}, error() {}, warn: (_fields: object, message: string) => this.warned.push(message) };
    this.courier = new Courier(lease, {
      store: this.store as ShardStore,
      executions: this.executions,
      announcer: NOBODY,
      log,
    });
  }
}

describe('a courier', () => {
  test('tells everybody who waits, then removes the notice', async () => {
    const post = new Post(ended('a', 1, 2), { id: 'b', type: 'stop', executionArn: 'arn:other' });
    await post.courier.send();
    expect([post.told, post.stopped, post.removed]).toEqual([[1, 2], ['arn:other'], ['a', 'b']]);
  });

  test('leaves what somebody has not heard for another turn', async () => {
    const post = new Post(ended('a', 1, 2), ended('b', 3));
    post.away.add(2);
    await post.courier.send();
    expect([post.told, post.removed, post.warned]).toEqual([[1, 3], ['b'], ['notices could not be sent']]);
    await post.courier.send();
    expect(post.reads).toBe(2);
  });

  test('reads on while there is as much as it takes at once', async () => {
    const post = new Post(...Array.from({ length: 250 }, (_, index) => ended(`n${index}`, index + 1)));
    await post.courier.send();
    expect([post.removed.length, post.reads]).toEqual([250, 3]);
  });

  test('looks again when it is asked while it is on its way', async () => {
    const post = new Post(ended('a', 1));
    const sent = post.courier.send();
    await post.courier.send();
    await sent;
    expect([post.told, post.reads]).toEqual([[1], 2]);
  });

  test('takes nothing more when it was stopped', async () => {
    const post = new Post(ended('a', 1));
    post.courier.stop();
    await post.courier.send();
    expect(post.reads).toBe(0);
  });
});

describe('an execution whose task may not have heard of it', () => {
  const started: Notice = { id: 'a', type: 'started', executionArn: 'arn:child', waiter: waiterOf(1) };

  test.each([
    ['open', [], []],
    ['submitted', [], ['a']],
    ['closed', ['arn:child'], ['a']],
  ] as const)('whose task is %s', async (submission, stopped, removed) => {
    const post = new Post(started);
    post.submission = submission;
    await post.courier.send();
    expect([post.stopped, post.removed]).toEqual([stopped, removed]);
  });
});
