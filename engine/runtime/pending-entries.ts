import type { InboxEntry } from '../store/store.ts';

/** Entries that wait before a shard stops reading. */
const MOST_ENTRIES = 4096;
/** And characters of data in them: results and ends of children can be as large as a payload. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** What a shard has read from its inbox and not yet interpreted, in order. */
export class PendingEntries {
  #entries: InboxEntry[] = [];
  #characters = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return this.#entries.length >= MOST_ENTRIES || this.#characters >= MOST_CHARACTERS;
  }

  push(entries: readonly InboxEntry[]): void {
    for (const entry of entries) this.#characters += charactersOf(entry);
    this.#entries.push(...entries);
  }

  /** The first ones, which stay. */
  first(count: number): InboxEntry[] {
    return this.#entries.slice(0, count);
  }

  /** Removes the first ones, and answers them. */
  take(count: number): InboxEntry[] {
    const taken = this.#entries.slice(0, count);
    this.#entries = this.#entries.slice(count);
    for (const entry of taken) this.#characters -= charactersOf(entry);
    return taken;
  }

  clear(): void {
    this.#entries = [];
    this.#characters = 0;
  }
}

/** What of an entry may be large. */
function charactersOf({ stimulus, record }: InboxEntry): number {
  const input = record?.input.length ?? 0;
  switch (stimulus.type) {
    case 'TaskSettled':
      return input + (stimulus.result.type === 'succeeded' ? stimulus.result.output.length : 0);
    case 'Redriven':
      return input + (stimulus.edits?.input?.text.length ?? 0);
    case 'ChildEnded':
      return input + (stimulus.ending.output?.length ?? 0) + (stimulus.ending.input?.length ?? 0);
    default:
      return input;
  }
}
