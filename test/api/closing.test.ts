import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningApi, runApi } from './support/running-api.ts';

/** A server that closes answers what it has been asked, and waits for nobody who asks nothing. */

let api: RunningApi;
beforeEach(async () => {
  api = await runApi({ pollMs: 60_000 });
});
afterEach(() => api.close());

/** Connects and sends as much as that. */
async function connected(text: string): Promise<Socket> {
  const socket = connect(api.port, '127.0.0.1').resume();
  await once(socket, 'connect');
  if (text) socket.write(text);
  // The server has accepted the connections before that of a request which it answers.
  await api.call('ListActivities', {});
  return socket;
}

test.each([
  ['nothing', ''],
  ['half a head', 'POST / HTTP/1.1\r\nhost: here\r\n'],
  ['a whole request and half of the next', 'GET /healthz HTTP/1.1\r\nhost: here\r\n\r\nPOST / HTTP/1.1\r\n'],
])('does not wait for a client that has sent %s', async (_what, text) => {
  const socket = await connected(text);
  const gone = once(socket, 'close');
  await api.app.close();
  await gone;
});

test('answers a poll before it ends the connections', async () => {
  const { body } = await api.call('CreateActivity', { name: 'pay' });
  const silent = await connected('');
  const poll = api.call('GetActivityTask', body);
  await expect.poll(() => api.store.count('activity')).toBe(1);
  await Promise.all([api.app.close(), once(silent, 'close')]);
  expect(await poll).toMatchObject({ status: 200, body: {} });
});
