interface Entry {
  readonly member: string;
  readonly dueMs: number;
}

/**
 * Members in the order in which they are due; what a sorted set is in Redis. A heap whose outdated entries
 * are dropped when they come up.
 */
export class DueSet {
  readonly #dueMs = new Map<string, number>();
  readonly #heap: Entry[] = [];

  get(member: string): number | undefined {
    return this.#dueMs.get(member);
  }

  set(member: string, dueMs: number): void {
    if (this.#dueMs.get(member) === dueMs) return;
    this.#dueMs.set(member, dueMs);
    this.#rise({ member, dueMs });
  }

  delete(member: string): boolean {
    return this.#dueMs.delete(member);
  }

  get size(): number {
    return this.#dueMs.size;
  }

  /** How many are due until then. */
  dueUntil(untilMs: number): number {
    let due = 0;
    for (const dueMs of this.#dueMs.values()) if (dueMs <= untilMs) due += 1;
    return due;
  }

  /** When the first is due. */
  get firstMs(): number | undefined {
    for (let top = this.#heap[0]; top; top = this.#heap[0]) {
      if (this.#dueMs.get(top.member) === top.dueMs) return top.dueMs;
      this.#dropTop();
    }
    return undefined;
  }

  /** Removes what is due until then, the earliest first, at most `limit`. */
  take(untilMs: number, limit: number): string[] {
    const taken: string[] = [];
    for (let firstMs = this.firstMs; taken.length < limit && firstMs !== undefined; firstMs = this.firstMs) {
      const top = this.#heap[0];
      if (!top || firstMs > untilMs) break;
      this.#dropTop();
      this.#dueMs.delete(top.member);
      taken.push(top.member);
    }
    return taken;
  }

  #rise(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (!parent || !isEarlier(entry, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  #dropTop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (let child = this.#earlierChild(at); child !== undefined; child = this.#earlierChild(at)) {
      const entry = heap[child];
      if (!entry || !isEarlier(entry, last)) break;
      heap[at] = entry;
      at = child;
    }
    heap[at] = last;
  }

  #earlierChild(at: number): number | undefined {
    const left = this.#heap[2 * at + 1];
    const right = this.#heap[2 * at + 2];
    if (!left) return undefined;
    return right && isEarlier(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}

const isEarlier = (a: Entry, b: Entry): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.member < b.member);
