import type { IncomingMessage, ServerResponse } from 'node:http';

/** One for all: by itself, an abort makes an error with a stack, for every poll that was answered. */
const ENDED = new Error('The request has ended');

/** The client's end of one request, for operations that wait or that must know whether their answer got out. */
export interface Client {
  /** Whether anybody is there to read an answer. */
  readonly open: boolean;
  /** Aborts when the client goes away or the server closes. */
  untilClosed(): AbortSignal;
  /** Calls once with whether the whole answer was handed to a client that was still there. */
  onceAnswered(tell: (delivered: boolean) => void): void;
  /** Says something beside the answer, which must not be on its way yet. */
  addHeader(name: string, value: string): void;
}

/** A client at the other end of a socket. */
export class Connection implements Client {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #waiting: Set<AbortController>;

  /**
   * @param waiting requests that wait, to be ended when the server closes
   */
  constructor(request: IncomingMessage, response: ServerResponse, waiting: Set<AbortController>) {
    this.#request = request;
    this.#response = response;
    this.#waiting = waiting;
  }

  get open(): boolean {
    return !this.#response.closed && !this.#response.socket?.destroyed;
  }

  /** Made on demand: most requests do not wait. */
  untilClosed(): AbortSignal {
    this.#forgetHeaders();
    const controller = new AbortController();
    if (!this.open) {
      controller.abort(ENDED);
      return controller.signal;
    }
    this.#waiting.add(controller);
    this.#response.once('close', () => {
      this.#waiting.delete(controller);
      controller.abort(ENDED);
    });
    return controller.signal;
  }

  /** Thousands may wait, each for a minute: of what they sent, only the operation's name is kept, for the log. */
  #forgetHeaders(): void {
    const target = this.#request.headers['x-amz-target'];
    this.#request.rawHeaders = [];
    this.#request.headers = { 'x-amz-target': target };
  }

  addHeader(name: string, value: string): void {
    this.#response.setHeader(name, value);
  }

  onceAnswered(tell: (delivered: boolean) => void): void {
    const response = this.#response;
    // Kept, since by the time of 'finish' the response has let go of its socket.
    const { socket } = response;
    let told = false;
    const once = (delivered: boolean): void => {
      if (!told) tell(delivered);
      told = true;
    };
    if (this.open) {
      response.once('finish', () => once(socket !== null && !socket.destroyed));
      response.once('close', () => once(false));
    } else {
      once(false);
    }
  }
}
