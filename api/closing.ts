import type { FastifyInstance } from 'fastify';

/**
 * Ends the connections of a server that closes as soon as nothing is being answered any more. Node ends those that wait between
 * two requests, but would wait for clients that have connected and sent nothing, or half a request.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false;
  let answering = 0;
  const endIfQuiet = () => {
    if (closing && answering === 0) app.server.closeAllConnections();
  };
  app.addHook('onRequest', (_request, { raw }, done) => {
    answering += 1;
    raw.once('close', () => {
      answering -= 1;
      endIfQuiet();
    });
    done();
  });
  app.addHook('preClose', async () => {
    closing = true;
    endIfQuiet();
  });
  app.server.on('connection', (socket) => {
    if (closing) socket.destroy();
  });
}

/** Ends requests that wait for something when the server closes. */
export function endWaitingOnClose(app: FastifyInstance, waiting: ReadonlySet<AbortController>): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    for (const controller of waiting) controller.abort();
  });
  // A client that was answered meanwhile would keep its connection, and the server would wait for it.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
}
