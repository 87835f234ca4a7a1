import type { ExecutionChange, LiveFeed } from '../../engine/store/live.ts';
import { parseArn } from '../../schemas/arn.ts';

/** A change of an execution's status, as a dashboard is told of it. */
export interface StatusChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionChange['status'];
  readonly historyEventCount: number;
}

/** What has happened since the last round. */
export interface News {
  /** Of each execution the last; undefined when they are too many, or some were missed: then all is to be read again. */
  readonly changes: readonly StatusChange[] | undefined;
}

export type HearNews = (news: News) => void;

/** Changes that are told one by one; of more, that there were many. */
const MAX_CHANGES = 500;

/** Gathers what the feed tells, while anybody wants to hear it, and passes it on in rounds that are at least `roundMs` apart. */
export class Newsroom {
  readonly #live: LiveFeed;
  readonly #roundMs: number;
  readonly #readers = new Set<HearNews>();
  #stop: (() => void) | undefined;
  #round: NodeJS.Timeout | undefined;
  #changes = new Map<string, StatusChange>();
  #missed = false;
  #isNew = false;

  constructor(live: LiveFeed, roundMs: number) {
    this.#live = live;
    this.#roundMs = roundMs;
  }

  /** Calls back after each round in which something happened, until the returned function is called. */
  read(hear: HearNews): () => void {
    this.#readers.add(hear);
    this.#stop ??= this.#live.watchAll((change) => this.#note(change));
    this.#round ??= setInterval(() => this.#tell(), this.#roundMs).unref();
    return () => {
      this.#readers.delete(hear);
      if (this.#readers.size > 0) return;
      this.#stop?.();
      clearInterval(this.#round);
      this.#stop = undefined;
      this.#round = undefined;
    };
  }

  #note(change: ExecutionChange | 'missed'): void {
    this.#isNew = true;
    if (change === 'missed') this.#missed = true;
    else if (change.executionArn !== undefined) this.#add(change.executionArn, change);
  }

  #add(executionArn: string, { status, events }: ExecutionChange): void {
    const { partition, region, accountId, names } = parseArn(executionArn);
    const [machine = '', name = ''] = names;
    // Those of Map Runs are in no list of a machine's executions.
    if (machine.includes('/')) return;
    if (this.#changes.size >= MAX_CHANGES && !this.#changes.has(executionArn)) {
      this.#missed = true;
      return;
    }
    const stateMachineArn = `arn:${partition}:states:${region}:${accountId}:stateMachine:${machine}`;
    this.#changes.set(executionArn, { executionArn, stateMachineArn, name, status, historyEventCount: events });
  }

  #tell(): void {
    if (!this.#isNew) return;
    const news = { changes: this.#missed ? undefined : [...this.#changes.values()] };
    this.#changes = new Map();
    this.#missed = false;
    this.#isNew = false;
    for (const hear of this.#readers) hear(news);
  }
}
