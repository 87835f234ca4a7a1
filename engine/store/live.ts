import type { ExecutionStatus } from '../../schemas/execution.ts';
import type { ExecutionId } from '../../schemas/task.ts';

/**
 * Hearing of what commits change, at once and at little cost: the face of the persistence port for those who show executions.
 * Nothing depends on it: what is heard may be late or lost, so whoever listens looks into the store now and then as well.
 */
export interface LiveFeed {
  /** Tells of every commit of one execution until the returned function is called. */
  watch(id: ExecutionId, hear: Hear): () => void;
  /** Tells of every commit of every execution that leaves a trace. */
  watchAll(hear: Hear): () => void;
}

/**
 * Hears what has changed. `missed`: something may have, look again. That comes first, as soon as changes are heard, and whenever
 * the connection was made anew.
 */
export type Hear = (change: ExecutionChange | 'missed') => void;

export interface ExecutionChange {
  readonly executionId: ExecutionId;
  readonly status: ExecutionStatus;
  /** How many history events there are now. */
  readonly events: number;
  /** Only when the status has changed: the execution began, ended or goes on after a redrive. */
  readonly executionArn?: string;
}

/** Those who listen in one process. */
export class Listeners {
  readonly #byId = new Map<ExecutionId, Set<Hear>>();
  readonly #all = new Set<Hear>();

  add(id: ExecutionId | undefined, hear: Hear): void {
    if (id === undefined) this.#all.add(hear);
    else this.#byId.set(id, (this.#byId.get(id) ?? new Set<Hear>()).add(hear));
  }

  remove(id: ExecutionId | undefined, hear: Hear): void {
    if (id === undefined) this.#all.delete(hear);
    const ofOne = id === undefined ? undefined : this.#byId.get(id);
    ofOne?.delete(hear);
    if (id !== undefined && ofOne?.size === 0) this.#byId.delete(id);
  }

  /** Whether anybody wants to hear of that execution. */
  wants(id: ExecutionId): boolean {
    return this.#all.size > 0 || this.#byId.has(id);
  }

  tell(change: ExecutionChange): void {
    for (const hear of this.#byId.get(change.executionId) ?? []) hear(change);
    for (const hear of this.#all) hear(change);
  }

  /** Everybody is to look again. */
  tellMissed(): void {
    for (const listeners of [...this.#byId.values(), this.#all]) for (const hear of listeners) hear('missed');
  }
}
