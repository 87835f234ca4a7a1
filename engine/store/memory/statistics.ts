import type { ShardStatistics, StoreCondition, StoreStatistics } from '../statistics.ts';
import type { MemoryState } from './state.ts';

export class MemoryStatistics implements StoreStatistics {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async shards(numbers: readonly number[]): Promise<readonly ShardStatistics[]> {
    const now = this.#state.clock.now();
    return numbers.map((number) => {
      const { lease, inbox, outbox, timers } = this.#state.shard(number);
      const { owner, expiresMs } = lease;
      const [oldest] = inbox.values();
      return {
        shard: number,
        lease: owner === undefined || expiresMs <= now ? undefined : { owner, leftMs: expiresMs - now },
        inbox: { entries: inbox.size, oldestMs: oldest ? now - oldest.ms : 0 },
        outboxTasks: outbox.size,
        timers: timers.size,
        timersDue: timers.dueUntil(now),
      };
    });
  }

  async openExecutions(stateMachineArns: readonly string[], shards: readonly number[]): Promise<readonly number[]> {
    const wanted = new Set(shards.map((number) => this.#state.shard(number)));
    return stateMachineArns.map((arn) => {
      const listed = [...(this.#state.lists.get(arn) ?? [])];
      return listed.filter(({ id, status }) => status === 'RUNNING' && wanted.has(this.#state.shardOf(id))).length;
    });
  }

  /** It keeps everything as long as the process lives, which is all that it promises. */
  async condition(): Promise<StoreCondition> {
    return {
      server: 'memory',
      persistence: undefined,
      evictionPolicy: 'noeviction',
      memory: undefined,
      refusal: undefined,
      clockMs: this.#state.clock.now(),
      roundTripMs: 0,
    };
  }
}
