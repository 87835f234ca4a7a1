import type { FastifyReply } from 'fastify';
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
  readonly #open = new Set<EventStream>();
  #clock: NodeJS.Timeout | undefined;

  constructor(limit: number, patience = PATIENCE) {
    this.#limit = limit;
    this.#patience = patience;
  }

  /**
   * @param signal aborts when the client has gone, and when the server closes
   * @throws OwnProblem TooManyStreams
   */
  open(reply: FastifyReply, signal: AbortSignal): EventStream {
    if (this.#open.size >= this.#limit) {
      throw new OwnProblem('TooManyStreams', `This process has ${this.#limit} streams open, which is all it may have.`);
    }
    const stream = new EventStream(reply, signal);
    this.#open.add(stream);
    this.#clock ??= setInterval(() => this.#beat(), this.#patience.beatMs).unref();
    stream.onceClosed(() => this.#closed(stream));
    return stream;
  }

  #beat(): void {
    for (const stream of this.#open) stream.beat(this.#patience.beats);
  }

  #closed(stream: EventStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}
