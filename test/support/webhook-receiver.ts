import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a receiver got. */
export interface Received {
  readonly id: string;
  readonly timestamp: number;
  readonly verified: boolean;
  readonly body: string;
  readonly contentType: string | undefined;
  readonly event: {
    readonly id: string;
    readonly detail: { readonly executionArn: string; readonly status: string; readonly redriveCount: number };
  };
}

/** A real HTTP server that webhooks are sent to. It verifies signatures as Standard Webhooks 1.0.0 has it. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  secret = '';
  /** What it answers with; a status, or one that takes its time. */
  answer: (received: Received) => number | Promise<number> = () => 204;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const received = await this.#take(request);
      this.received.push(received);
      const status = await this.answer(received);
      response.writeHead(status, status === 302 ? { location: this.url } : {}).end();
    });
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** The statuses that were told of an execution, in the order in which they came. */
  statusesOf(executionArn: string): string[] {
    return this.received
      .filter(({ event }) => event.detail.executionArn === executionArn)
      .map(({ event }) => event.detail.status);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<Received> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const header = (name: string): string => String(request.headers[name] ?? '');
    const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header);
    return {
      id: id ?? '',
      timestamp: Number(timestamp),
      verified: this.#verifies(`${id}.${timestamp}.${body}`, signatures ?? ''),
      body,
      contentType: request.headers['content-type'],
      event: JSON.parse(body),
    };
  }

  #verifies(signed: string, signatures: string): boolean {
    const key = Buffer.from(this.secret.replace(/^whsec_/, ''), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest();
    return signatures.split(' ').some((signature) => {
      const [version, encoded = ''] = signature.split(',');
      const given = Buffer.from(encoded, 'base64');
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}
