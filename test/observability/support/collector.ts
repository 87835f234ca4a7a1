import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP/HTTP has it in JSON. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  readonly links: { traceId: string; spanId: string }[];
}

/** A collector of traces (OTLP/HTTP) that keeps what it gets. */
export class Collector {
  /** By span id: what is sent twice is the same. */
  readonly spans = new Map<string, CollectedSpan>();
  /** What it answers. */
  status = 200;
  requests = 0;
  /** Attributes of what the spans are of. */
  resource: Record<string, string | undefined> = {};
  readonly #server: Server;
  #arrived = Promise.withResolvers<void>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests += 1;
        if (this.status === 200) this.#take(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
        this.#arrived.resolve();
        this.#arrived = Promise.withResolvers();
      });
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await once(collector.#server.listen(0, '127.0.0.1'), 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when a span of that name has come. */
  async span(name: string): Promise<CollectedSpan> {
    for (;;) {
      const found = this.all.find((span) => span.name === name);
      if (found) return found;
      await this.#arrived.promise;
    }
  }

  get all(): readonly CollectedSpan[] {
    return [...this.spans.values()];
  }

  #take({ resourceSpans }: { resourceSpans: ResourceSpans[] }): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resource = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue]));
      for (const { spans } of scopeSpans) for (const span of spans) this.spans.set(span.spanId, span);
    }
  }

  /**
   * The tree of an execution, a line per span: name, and error when it has one.
   *
   * @param root the name of the outermost
   */
  tree(root: string): string[] {
    const lines: string[] = [];
    const add = (span: CollectedSpan, depth: number): void => {
      const error = attribute(span, 'error.type');
      lines.push(`${'  '.repeat(depth)}${span.name}${error === undefined ? '' : ` !${error}`}`);
      for (const child of this.all) if (child.parentSpanId === span.spanId) add(child, depth + 1);
    };
    const outermost = this.all.find(({ name }) => name === root);
    if (outermost) add(outermost, 0);
    return lines;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

interface ResourceSpans {
  readonly resource: { readonly attributes: CollectedSpan['attributes'] };
  readonly scopeSpans: { readonly spans: CollectedSpan[] }[];
}

export const attribute = ({ attributes }: CollectedSpan, name: string): string | number | undefined => {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.intValue;
};
