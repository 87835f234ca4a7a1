import type { ExecutionStanding } from '../store/progress.ts';
import type { ExecutionDescription, ExecutionStore, MapRunStore, Registry } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import { readMapRun, type Sources } from './archive.ts';
import type { ArchiveStore } from './archive-store.ts';
import { OpenExecutions } from './open-executions.ts';
import type { OpenExecution } from './read-execution.ts';

/** The store as those see it who read: what it knows no more, the archive answers. Everything else is the store's own. */
export function withArchive<S extends Sources>(store: S, archive: ArchiveStore): S {
  const open = new OpenExecutions(archive);
  return {
    ...store,
    executions: changed(store.executions, archivedExecutions(store.executions, open)),
    mapRuns: changed(store.mapRuns, archivedMapRuns(store.mapRuns, archive, open)),
    registry: changed(store.registry, archivedRevisions(store.registry, open)),
  };
}

/** The same object, some of whose methods are others. */
function changed<T extends object>(original: T, others: Partial<T>): T {
  return new Proxy(original, {
    get: (target, name) => {
      const other: unknown = Reflect.get(others, name);
      if (other !== undefined) return other;
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

function archivedExecutions(own: ExecutionStore, open: OpenExecutions): Partial<ExecutionStore> {
  return {
    async describe(executionArn) {
      const known = await own.describe(executionArn);
      if (!known) return asked(() => open.find(executionArn), describe);
      // Its name was used again: what the archive has will be another one.
      open.forget(executionArn);
      return known;
    },
    async history(executionArn, page) {
      const known = await own.history(executionArn, page);
      return known ?? readHistory(open, executionArn, page);
    },
    async standing(executionArn) {
      const known = await own.standing(executionArn);
      return known ?? asked(() => open.find(executionArn), standing);
    },
    async remains(executionArn) {
      const known = await own.remains(executionArn);
      if (known) return known;
      return asked(
        () => open.find(executionArn),
        ({ summary }) => ({ historyEvents: summary.events, frames: false, archived: true, nowMs: Date.now() }),
      );
    },
    async stop(executionArn, reason) {
      const known = await own.stop(executionArn, reason);
      if (known) return known;
      return asked(
        () => open.find(executionArn),
        ({ summary }) => ({ outcome: 'closed' as const, stopMs: summary.execution.stopMs }),
      );
    },
  };
}

function archivedMapRuns(own: MapRunStore, archive: ArchiveStore, open: OpenExecutions): Partial<MapRunStore> {
  return {
    async describe(mapRunArn) {
      const known = await own.describe(mapRunArn);
      if (known) return known;
      return asked(
        () => readMapRun(archive, mapRunArn),
        (found) => found,
      );
    },
    async list(executionArn) {
      const known = await own.list(executionArn);
      // Who asks has just described the execution: one that the store knows may have none.
      return known.length > 0 ? known : (open.seen(executionArn)?.data.mapRuns ?? known);
    },
  };
}

/** Who asks for a revision has just found the execution that ran it. */
const archivedRevisions = (own: Registry, open: OpenExecutions): Partial<Registry> => ({
  async revision(revisionId) {
    const known = await own.revision(revisionId);
    return known ?? open.all.find(({ data }) => data.stateMachine?.revisionId === revisionId)?.data.stateMachine;
  },
});

const describe = ({ summary, data }: OpenExecution): ExecutionDescription => {
  const { input, output } = data;
  return { ...summary.execution, input, ...(output !== undefined && { output }) } as ExecutionDescription;
};

function standing({ summary: { execution, events } }: OpenExecution): ExecutionStanding {
  const { status, stopMs, redrives } = execution;
  return { status, events, redriveCount: redrives?.count ?? 0, stopMs };
}

async function readHistory(
  open: OpenExecutions,
  executionArn: string,
  { start, limit, reverse }: Parameters<ExecutionStore['history']>[1],
) {
  const read = (execution: OpenExecution) => {
    const total = execution.summary.events;
    const from = reverse ? Math.max(0, total - start - limit) : start;
    const to = reverse ? total - start : Math.min(total, start + limit);
    return execution.events(from, to).then((events) => ({ events: reverse ? events.reverse() : events, total }));
  };
  try {
    return await asked(() => open.find(executionArn), read);
  } catch {
    // Written anew since it was opened: the name was used again.
    open.forget(executionArn);
    return asked(() => open.find(executionArn), read);
  }
}

/** A storage that does not answer is told as a store that does not. */
async function asked<T, R>(find: () => Promise<T | undefined>, tell: (found: T) => R | Promise<R>) {
  try {
    const found = await find();
    return found === undefined ? undefined : await tell(found);
  } catch (error) {
    throw new StoreUnavailable(`The archive cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
