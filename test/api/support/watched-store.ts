import type { ApiDeps } from '../../../api/operation.ts';
import { executionId } from '../../../engine/store/execution-id.ts';
import { createMemoryStore } from '../../../engine/store/memory.ts';
import type { ExecutionWrite, Lease } from '../../../engine/store/store.ts';
import type { ExecutionState } from '../../../schemas/execution.ts';

type Faces = ApiDeps['store'];

/** A store in memory that notes what is asked of it and fails when a test says so. No engine runs: a test commits in its place. */
export class WatchedStore implements Faces {
  readonly #store = createMemoryStore();
  #lease: Lease | undefined;
  readonly accessKeys = this.#watch(this.#store.accessKeys);
  readonly executions = this.#watch(this.#store.executions);
  readonly answers = this.#watch(this.#store.answers);
  readonly live = this.#store.live;
  readonly search = this.#watch(this.#store.search);
  readonly shards = this.#store.shards;
  readonly statistics = this.#store.statistics;
  readonly mapRuns = this.#watch(this.#store.mapRuns);
  readonly permits = this.#store.permits;
  readonly polls = this.#store.polls;
  readonly registry = this.#watch(this.#store.registry);
  readonly versions = this.#watch(this.#store.versions);
  readonly webhooks = this.#watch(this.#store.webhooks);
  readonly bulkRedrives = this.#watch(this.#store.bulkRedrives);
  /** Calls so far: the method and its arguments. */
  readonly calls: [name: string, ...given: unknown[]][] = [];
  /** Waited for by calls of a method before they go on; what it throws, they throw. */
  readonly before = new Map<string, () => Promise<void>>();

  #watch<T extends object>(face: T): T {
    return new Proxy(face, {
      get: (target, name: string) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]) => {
          this.calls.push([name, ...given]);
          await this.before.get(name)?.();
          return Reflect.apply(method, target, given);
        };
      },
    });
  }

  /** How often a method was called. */
  count(name: string): number {
    return this.calls.filter(([called]) => called === name).length;
  }

  /** Commits as the owner of the shard would. */
  async commit(
    executionArn: string,
    {
      state,
      events = [],
      effects = [],
    }: { state?: ExecutionState } & Partial<Pick<ExecutionWrite, 'events' | 'effects'>>,
  ): Promise<void> {
    this.#lease ??= await this.#store.shards.claim(0, 'test', 60_000);
    const described = await this.#store.executions.describe(executionArn);
    if (!this.#lease || !described) throw new Error(`no lease, or no execution ${executionArn}`);
    const { status: _status, ...record } = described;
    const before = (await this.#store.executions.standing(executionArn))?.events ?? 0;
    const write: ExecutionWrite = {
      executionId: executionId(executionArn),
      record,
      head: { state: state ?? { status: 'RUNNING' }, events: before + events.length, visits: 100 },
      closed: state !== undefined,
      frames: new Map(),
      events,
      effects,
      entered: [],
      left: [],
      announcements: [],
    };
    await this.#store.shards.commit(this.#lease, { consumed: [], writes: [write] });
  }
}
