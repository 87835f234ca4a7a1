/**
 * The spans in which workers did their tasks, until their execution closes: in memory only, since a history has no place for
 * them. What another engine was told before it died is not linked.
 */
export class WorkerSpans {
  readonly #most: number;
  /** By execution, then by the event that ended the attempt. The execution that was told of first comes first. */
  readonly #spans = new Map<string, Map<number, string>>();

  /** @param most executions that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  note(executionArn: string, eventId: number, traceparent: string): void {
    const known = this.#spans.get(executionArn);
    if (known) {
      known.set(eventId, traceparent);
      return;
    }
    this.#spans.set(executionArn, new Map([[eventId, traceparent]]));
    const [oldest] = this.#spans.keys();
    if (oldest !== undefined && this.#spans.size > this.#most) this.#spans.delete(oldest);
  }

  /** Those of an execution, which are forgotten then. */
  take(executionArn: string): ReadonlyMap<number, string> {
    const spans = this.#spans.get(executionArn);
    this.#spans.delete(executionArn);
    return spans ?? NONE;
  }
}

const NONE: ReadonlyMap<number, string> = new Map();
