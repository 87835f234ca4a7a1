import type { ExecutionId } from '../../../schemas/task.ts';
import type { Hear, LiveFeed } from '../live.ts';
import type { MemoryState } from './state.ts';

export class MemoryLiveFeed implements LiveFeed {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  watch(id: ExecutionId, hear: Hear): () => void {
    return this.#listen(id, hear);
  }

  watchAll(hear: Hear): () => void {
    return this.#listen(undefined, hear);
  }

  #listen(id: ExecutionId | undefined, hear: Hear): () => void {
    const { listeners } = this.#state;
    // Of its own, so that nobody who listens twice is taken for one.
    const once: Hear = (change) => hear(change);
    let listening = true;
    listeners.add(id, once);
    queueMicrotask(() => {
      if (listening) once('missed');
    });
    return () => {
      listening = false;
      listeners.remove(id, once);
    };
  }
}
