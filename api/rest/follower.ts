import type { LiveFeed } from '../../engine/store/live.ts';
import type { ExecutionStanding } from '../../engine/store/progress.ts';
import type { ExecutionStore } from '../../engine/store/store.ts';
import type { ExecutionId } from '../../schemas/task.ts';
import { frame } from './event-stream.ts';
import { toldEvent } from './history-event.ts';

/** Events that are read at a time. */
const PAGE_EVENTS = 100;

interface Page {
  /** The event that it begins with. */
  readonly first: number;
  readonly frames: readonly string[];
}

type Standing = Pick<ExecutionStanding, 'status' | 'events'>;

export interface FollowerDeps {
  readonly executions: Pick<ExecutionStore, 'history' | 'standing'>;
  readonly live: LiveFeed;
  /** How often to look without having heard anything, in milliseconds: what was said may be lost. */
  readonly lookMs: number;
}

/**
 * One execution that streams of this process follow. However many they are, an event is read once for all that stand at the same
 * place, and how the execution stands is known without asking as long as the feed tells of it.
 */
export class Follower {
  readonly #deps: FollowerDeps;
  readonly #arn: string;
  readonly #stop: () => void;
  readonly #looks: NodeJS.Timeout;
  readonly #reads = new Map<number, Promise<Page>>();
  #news = Promise.withResolvers<void>();
  /** Counts what was heard. */
  #version = 0;
  #known: Standing | undefined;
  #asking: Promise<Standing | undefined> | undefined;
  /** What was read last. */
  #last: Page = { first: 1, frames: [] };

  constructor(deps: FollowerDeps, executionArn: string, id: ExecutionId) {
    this.#deps = deps;
    this.#arn = executionArn;
    this.#stop = deps.live.watch(id, (change) => this.#hear(change === 'missed' ? undefined : change));
    this.#looks = setInterval(() => this.#hear(undefined), deps.lookMs).unref();
  }

  end(): void {
    this.#stop();
    clearInterval(this.#looks);
    this.#news.resolve();
  }

  /** Resolves at the next news: to be taken before looking, so that nothing is missed in between. */
  get news(): Promise<void> {
    return this.#news.promise;
  }

  /** How the execution stands; undefined when there is none. That it has ended is asked for: a redrive is not heard of before it does something. */
  standing(): Promise<Standing | undefined> {
    if (this.#known?.status === 'RUNNING') return Promise.resolve(this.#known);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Events from `first` on as frames of a stream: some of those that there are, or none when there are none. */
  async framesFrom(first: number): Promise<readonly string[]> {
    const held = this.#heldFrom(first);
    if (held.length > 0) return held;
    let read = this.#reads.get(first);
    if (!read) {
      read = this.#read(first).finally(() => this.#reads.delete(first));
      this.#reads.set(first, read);
    }
    return (await read).frames;
  }

  #heldFrom(first: number): readonly string[] {
    const { first: from, frames } = this.#last;
    return first < from ? [] : frames.slice(first - from);
  }

  #hear(standing: Standing | undefined): void {
    this.#version += 1;
    this.#known = standing;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #ask(): Promise<Standing | undefined> {
    for (;;) {
      const version = this.#version;
      const standing = await this.#deps.executions.standing(this.#arn);
      if (version === this.#version) {
        this.#known = standing;
        return standing;
      }
      // What was heard meanwhile is newer.
      if (this.#known?.status === 'RUNNING') return this.#known;
    }
  }

  async #read(first: number): Promise<Page> {
    const page = { start: first - 1, limit: PAGE_EVENTS, reverse: false };
    const { events = [] } = (await this.#deps.executions.history(this.#arn, page)) ?? {};
    const read = { first, frames: events.map(frameOf) };
    if (read.frames.length > 0) this.#last = read;
    return read;
  }
}

function frameOf(kept: string): string {
  const { id, type, text } = toldEvent(kept);
  return frame(type, text, id);
}

/** The followers of a process, each shared by the streams of its execution. */
export class Followers {
  readonly #deps: FollowerDeps;
  readonly #shared = new Map<string, { readonly follower: Follower; streams: number }>();

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  /** To be given back once. */
  take(executionArn: string, id: ExecutionId): { follower: Follower; giveBack: () => void } {
    const shared = this.#shared.get(executionArn) ?? {
      follower: new Follower(this.#deps, executionArn, id),
      streams: 0,
    };
    this.#shared.set(executionArn, shared);
    shared.streams += 1;
    const giveBack = () => {
      shared.streams -= 1;
      if (shared.streams > 0) return;
      this.#shared.delete(executionArn);
      shared.follower.end();
    };
    return { follower: shared.follower, giveBack };
  }
}
