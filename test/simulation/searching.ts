import type { Execution } from '../../engine/interpreter/execution.ts';
import type { SearchFilter } from '../../engine/store/search.ts';
import type { Batch, ExecutionDescription, Lease, ShardStore, Store } from '../../engine/store/store.ts';
import { EXECUTION_STATUSES } from '../../schemas/execution.ts';
import type { ExecutionId } from '../../schemas/task.ts';

/** Follows what commits say of the states that executions come into and leave. */
export class StatesWatch {
  readonly problems: string[] = [];
  readonly #states = new Map<ExecutionId, Set<string>>();

  /** Commits, and looks at the frames as that leaves them. */
  async commit(shards: ShardStore, lease: Lease, batch: Batch): ReturnType<ShardStore['commit']> {
    // Both take effect at the call.
    const committing = shards.commit(lease, batch);
    const loading = shards.load(
      lease.shard,
      batch.writes.map(({ executionId }) => executionId),
    );
    const answer = await committing;
    const loaded = await loading;
    if (answer === 'lost') return answer;
    for (const { executionId, record, entered, left } of batch.writes) {
      const states = this.#states.get(executionId) ?? new Set();
      this.#states.set(executionId, states);
      for (const state of left) states.delete(state);
      for (const state of entered) states.add(state);
      const [told, running] = [states, statesOf(loaded.get(executionId))].map((each) => [...each].toSorted().join());
      if (told !== running) this.problems.push(`${record.executionArn} is in ${running}, not in ${told}`);
    }
    return answer;
  }
}

/** Of a closed execution there is nothing to load. */
function statesOf(execution: Execution | undefined): Set<string> {
  const frames = [...(execution?.frames.values() ?? [])];
  return new Set(frames.flatMap((frame) => (frame.phase === 'running' ? [frame.state] : [])));
}

/** What a search finds is what a look at every execution finds. */
export async function searchProblems(store: Store, arns: readonly string[]): Promise<string[]> {
  const described = await Promise.all(arns.map((arn) => store.executions.describe(arn)));
  const all = described.filter((execution) => execution !== undefined);
  const problems: string[] = [];
  for (const [filter, meets] of searches(all)) {
    const { executions } = await store.search.find(filter, { limit: 10_000 });
    const found = executions.map(({ executionArn }) => executionArn).toSorted();
    const expected = all.filter(meets).map(({ executionArn }) => executionArn);
    if (found.join() !== expected.toSorted().join()) {
      problems.push(`${JSON.stringify(filter)} finds ${found.length}, not ${expected.length}: ${found.join()}`);
    }
  }
  const { statuses } = await store.search.counts();
  for (const status of EXECUTION_STATUSES) {
    const count = all.filter((execution) => execution.status === status).length;
    if (statuses[status] !== count) problems.push(`${statuses[status]} are counted as ${status}, not ${count}`);
  }
  return problems;
}

type Search = [filter: SearchFilter, meets: (execution: ExecutionDescription) => boolean];

function searches(all: readonly ExecutionDescription[]): Search[] {
  const machines = new Set(all.map(({ stateMachineArn }) => stateMachineArn));
  const errors = new Set(all.flatMap((execution) => ('error' in execution ? [execution.error] : [])));
  return [
    [{}, () => true],
    ...EXECUTION_STATUSES.map((status): Search => [{ status }, (each) => each.status === status]),
    ...[...errors].flatMap((error): Search[] =>
      error === undefined ? [] : [[{ error }, (each) => 'error' in each && each.error === error]],
    ),
    ...[...machines].flatMap((stateMachineArn): Search[] => {
      const isOf = (each: ExecutionDescription) => each.stateMachineArn === stateMachineArn;
      const attributes = { parity: 'even' };
      return [
        [{ stateMachineArn }, isOf],
        [{ stateMachineArn, attributes }, (each) => isOf(each) && each.attributes?.['parity'] === 'even'],
      ];
    }),
  ];
}
