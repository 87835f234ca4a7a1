/** A label that anybody may make values for: after so many, the rest share one. Prometheus keeps a series for each, for ever. */
export class BoundedLabels {
  readonly #known = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#most) return OTHER;
    this.#known.add(value);
    return value;
  }
}

export const OTHER = 'other';

/** Names of state machines that are told apart. */
export const MAX_MACHINES = 200;
/** Names of activities that are told apart. */
export const MAX_ACTIVITIES = 200;
/** Services of tasks, errors of requests: more than there are, but for what a definition makes up. */
export const MAX_NAMES = 100;
