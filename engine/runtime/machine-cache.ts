import type { Problem } from '../../schemas/problem.ts';
import { DefinitionError } from '../../schemas/problem.ts';
import type { Machine } from '../interpreter/machine.ts';
import type { Registry } from '../store/store.ts';
import { compileText } from './compile-text.ts';

/** Compiled machines by revision: revisions never change, so a compiled one is good for ever; the oldest unused go. */
export class MachineCache {
  readonly #registry: Registry;
  readonly #capacity: number;
  readonly #machines = new Map<string, Promise<Machine>>();

  constructor(registry: Registry, capacity = 1000) {
    this.#registry = registry;
    this.#capacity = capacity;
  }

  /** @throws DefinitionError when the revision is gone or cannot be run */
  get(revisionId: string): Promise<Machine> {
    const known = this.#machines.get(revisionId);
    // Put behind the others: the first of the map is the one not used for longest.
    this.#machines.delete(revisionId);
    const machine = known ?? this.#load(revisionId);
    this.#machines.set(revisionId, machine);
    if (this.#machines.size > this.#capacity) {
      const oldest = this.#machines.keys().next();
      if (!oldest.done) this.#machines.delete(oldest.value);
    }
    return machine;
  }

  async #load(revisionId: string): Promise<Machine> {
    try {
      const revision = await this.#registry.revision(revisionId);
      if (!revision) throw new DefinitionError([gone(revisionId)]);
      return compileText(revision.definition);
    } catch (error) {
      this.#machines.delete(revisionId);
      throw error;
    }
  }
}

const gone = (revisionId: string): Problem => ({
  severity: 'ERROR',
  code: 'REVISION_NOT_FOUND',
  message: `The revision ${revisionId} of the definition no longer exists`,
});
