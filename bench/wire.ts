import { createConnection, type Socket } from 'node:net';
import type { JsonObject } from '../schemas/json.ts';

/**
 * A client of the API on one kept-alive socket, one request at a time. It does no more than it must: a client library
 * would use more CPU than the server does.
 */
export class Wire {
  readonly #socket: Socket;
  readonly #host: string;
  #received = '';
  #answer: ((text: string) => void) | undefined;
  #refuse: ((error: Error) => void) | undefined;

  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = createConnection(Number(port), hostname).setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (text) => this.#receive(String(text)));
    this.#socket.on('error', (error) => this.#refuse?.(error));
    this.#socket.on('close', () => this.#refuse?.(new Error('The server hung up')));
  }

  /** An operation of the AWS API. @throws Error for any answer but 200 */
  async call(operation: string, input: JsonObject): Promise<JsonObject> {
    const target = `content-type: application/x-amz-json-1.0\r\nx-amz-target: AWSStepFunctions.${operation}\r\n`;
    return JSON.parse(await this.#send('POST', '/', target, JSON.stringify(input))) as JsonObject;
  }

  /** A GET. @returns the body @throws Error for any answer but 200 */
  get(path: string): Promise<string> {
    return this.#send('GET', path, '', '');
  }

  #send(method: string, path: string, headers: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
      const length = `content-length: ${Buffer.byteLength(body)}`;
      this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${headers}${length}\r\n\r\n${body}`);
    });
  }

  /** A call that waits rejects. */
  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    const body = this.#received.slice(headEnd + 4, headEnd + 4 + length);
    this.#received = this.#received.slice(headEnd + 4 + length);
    if (head.startsWith('HTTP/1.1 200')) this.#answer?.(body);
    else this.#refuse?.(new Error(`${head.split('\r\n', 1)[0]} ${body}`));
  }
}
