import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { ANYBODY, type Caller } from '../../../api/auth/caller.ts';
import { type EventStream, frame } from '../../../api/rest/event-stream.ts';
import { Streams } from '../../../api/rest/streams.ts';
import { eventually, Followed } from './support.ts';

/** How streams are kept alive, and clients given up that take nothing. */

let app: FastifyInstance;
let opened: EventStream[];
let known: boolean;
let caller: Caller;

/** @param beats after which a client is given up */
async function serve(beats: number): Promise<void> {
  opened = [];
  known = true;
  caller = ANYBODY;
  const streams = new Streams(10, async () => known, { beatMs: 10, beats });
  app = fastify({ forceCloseConnections: true });
  app.decorateRequest('caller', null);
  app.get('/', (request, reply) => {
    request.caller = caller;
    opened.push(streams.open(reply, new AbortController().signal));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
}
afterEach(() => app.close());

async function follow(): Promise<{ followed: Followed; stream: EventStream }> {
  const { port } = app.server.address() as AddressInfo;
  const followed = await Followed.open(port, '/', {});
  const stream = opened.at(-1);
  if (!stream) throw new Error('no stream');
  return { followed, stream };
}

test('a stream without events says that it is alive', async () => {
  await serve(1000);
  const { followed } = await follow();
  await eventually(() => followed.beats).toBeGreaterThan(2);
  followed.cut();
});

test('a client that takes nothing is given up', async () => {
  await serve(3);
  const { followed, stream } = await follow();
  followed.stall();
  const closed = new Promise<void>((resolve) => stream.onceClosed(resolve));
  while (stream.room) {
    stream.write(frame('large', JSON.stringify('x'.repeat(1_000_000))));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  expect([stream.open, stream.room]).toEqual([false, false]);
  await stream.untilRoom();
  followed.cut();
});

test('one whose key is gone is let go', async () => {
  await serve(1000);
  const { followed } = await follow();
  known = false;
  await followed.closed;
});

test('one that is slow gets everything', async () => {
  await serve(1000);
  const { followed, stream } = await follow();
  for (let id = 1; id <= 50; id += 1) {
    stream.write(frame('large', JSON.stringify('x'.repeat(100_000)), id));
    await stream.untilRoom();
  }
  await eventually(() => followed.ids()).toHaveLength(50);
  followed.cut();
  await followed.closed;
});

test('one key leaves room for others', async () => {
  await serve(1000);
  caller = { ...ANYBODY, id: 'greedy' };
  const own = [await follow(), await follow(), await follow()];
  const { port } = app.server.address() as AddressInfo;
  expect((await fetch(`http://127.0.0.1:${port}/`)).ok).toBe(false);
  caller = { ...ANYBODY, id: 'other' };
  for (const { followed } of [...own, await follow()]) followed.cut();
});
