import type { ServerResponse } from 'node:http';

/** The client's end of one request, for operations that wait or that must know whether their answer got out. */
export interface Client {
  /** Whether anybody is there to read an answer. */
  readonly open: boolean;
  /** Aborts when the client goes away or the server closes. */
  untilClosed(): AbortSignal;
  /** Calls once with whether the whole answer was handed to a client that was still there. */
  onceAnswered(tell: (delivered: boolean) => void): void;
}

/** A client at the other end of a socket. */
export class Connection implements Client {
  readonly #response: ServerResponse;
  readonly #waiting: Set<AbortController>;

  /**
   * @param response what the answer is written to
   * @param waiting requests that wait, to be ended when the server closes
   */
  constructor(response: ServerResponse, waiting: Set<AbortController>) {
    this.#response = response;
    this.#waiting = waiting;
  }

  get open(): boolean {
    return !this.#response.closed && !this.#response.socket?.destroyed;
  }

  /** Made on demand: most requests do not wait. */
  untilClosed(): AbortSignal {
    const controller = new AbortController();
    if (!this.open) {
      controller.abort();
      return controller.signal;
    }
    this.#waiting.add(controller);
    this.#response.once('close', () => {
      this.#waiting.delete(controller);
      controller.abort();
    });
    return controller.signal;
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
