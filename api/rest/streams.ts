import type { FastifyReply } from 'fastify';
import { ANYBODY, type Caller } from '../auth/caller.ts';
import { EventStream } from './event-stream.ts';
import { OwnProblem } from './problem.ts';

/** How patient the server is with its streams. */
export interface StreamPatience {
  /** How often a stream says that it is alive, in milliseconds. */
  readonly beatMs: number;
  /** After how many beats a client is given up that takes nothing. */
  readonly beats: number;
}

const PATIENCE: StreamPatience = { beatMs: 15_000, beats: 3 };

/** The streams that this process has open: so many at most, and one clock for all of them. */
export class Streams {
  readonly #limit: number;
  readonly #patience: StreamPatience;
  /** With who opened them. */
  readonly #open = new Map<EventStream, Caller | null>();
  readonly #isStillKnown: (caller: Caller) => Promise<boolean>;
  #clock: NodeJS.Timeout | undefined;

  /** @param isStillKnown whether a caller who was let in would be let in again: a stream ends with the key that it was opened with */
  constructor(limit: number, isStillKnown: (caller: Caller) => Promise<boolean>, patience = PATIENCE) {
    this.#limit = limit;
    this.#isStillKnown = isStillKnown;
    this.#patience = patience;
  }

  /**
   * @param signal aborts when the client has gone, and when the server closes
   * @throws OwnProblem TooManyStreams
   */
  open(reply: FastifyReply, signal: AbortSignal): EventStream {
    const { caller } = reply.request;
    this.#require(caller);
    const stream = new EventStream(reply, signal);
    this.#open.set(stream, caller);
    this.#clock ??= setInterval(() => this.#beat(), this.#patience.beatMs).unref();
    stream.onceClosed(() => this.#closed(stream));
    return stream;
  }

  /** Room for one more, and for others beside one key. */
  #require(caller: Caller | null): void {
    if (this.#open.size >= this.#limit) {
      throw new OwnProblem('TooManyStreams', `This process has ${this.#limit} streams open, which is all it may have.`);
    }
    if (!caller || caller === ANYBODY) return;
    const share = Math.ceil(this.#limit / 4);
    const own = [...this.#open.values()].filter((other) => other?.id === caller.id).length;
    if (own < share) return;
    throw new OwnProblem(
      'TooManyStreams',
      `This access key has ${share} streams open, which is all that one may have.`,
    );
  }

  #beat(): void {
    for (const [stream, caller] of this.#open) {
      stream.beat(this.#patience.beats);
      if (caller) this.#endUnlessKnown(stream, caller);
    }
  }

  #endUnlessKnown(stream: EventStream, caller: Caller): void {
    this.#isStillKnown(caller).then(
      (isKnown) => {
        if (!isKnown) stream.end();
      },
      // Nobody can tell at the moment: it goes on.
      () => undefined,
    );
  }

  #closed(stream: EventStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}
