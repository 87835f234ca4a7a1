import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a function, or the endpoint in its place, answers. */
export interface FunctionAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FunctionCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly payload: string;
}

/** A Lambda Invoke API on a free port of this machine. */
export interface FunctionServer {
  readonly url: string;
  readonly calls: readonly FunctionCall[];
  close(): Promise<void>;
}

/** @param answer what is answered to a call; a promise that never settles leaves the caller waiting */
export async function serveFunctions(
  answer: (call: FunctionCall) => FunctionAnswer | Promise<FunctionAnswer>,
): Promise<FunctionServer> {
  const calls: FunctionCall[] = [];
  const server: Server = createServer(async (request, response) => {
    const call = { path: request.url ?? '', headers: request.headers, payload: await text(request) };
    calls.push(call);
    const { status = 200, headers = {}, body = '' } = await answer(call);
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
