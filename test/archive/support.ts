import { createArchive } from '../../engine/archive/archive.ts';
import { type ArchiveStore, createArchiveStore } from '../../engine/archive/archive-store.ts';
import { withArchive } from '../../engine/archive/with-archive.ts';
import { createMemoryStore } from '../../engine/store/memory.ts';
import type { Store } from '../../engine/store/store.ts';
import type { ExecutionRecord, ExecutionState } from '../../schemas/execution.ts';
import { type Begun, begin, commit, expire, MACHINE } from '../contracts/store/fixtures.ts';
import { MemoryStores } from '../data-sets/support.ts';

export const PAGE = { start: 0, limit: 1000, reverse: false };

/** A store that keeps nothing closed, and its archive. */
export class Archived {
  readonly objects = new MemoryStores();
  readonly place: ArchiveStore = createArchiveStore(this.objects, 'b', 'p/');
  readonly store: Store = createMemoryStore({ retentionMs: 0, shards: 4 });
  readonly readable = withArchive(this.store, this.place);
  readonly archive = createArchive(this.place, this.store);

  /** An execution that has closed with these events. */
  async closed(
    name: string,
    events: readonly string[],
    more: Partial<ExecutionRecord> = {},
    state: Partial<ExecutionState> = { status: 'SUCCEEDED', output: '"done"' },
  ): Promise<Begun> {
    const begun = await begin(this.store, name, more);
    const stopMs = begun.record.startMs;
    const head = { state: { stopMs, ...state } as ExecutionState, events: events.length, visits: 1 };
    await commit(begun, { closed: true, head, events });
    return begun;
  }

  /** All that the store itself tells of one. */
  async told({ record: { executionArn } }: Begun, from: Store = this.store) {
    const description = await from.executions.describe(executionArn);
    const history = await from.executions.history(executionArn, PAGE);
    const mapRuns = await from.mapRuns.list(executionArn);
    return { description, history, mapRuns };
  }

  /** Moves it from the store to the archive. */
  async move({ lease }: Begun): Promise<void> {
    for (const expired of await this.store.shards.expired(lease, 100)) await this.archive.keep(expired);
    await expire(this.store, lease, 100);
  }
}

export const machine = {
  stateMachineArn: MACHINE,
  name: 'orders',
  type: 'STANDARD' as const,
  roleArn: 'arn:aws:iam::1:role/r',
};
