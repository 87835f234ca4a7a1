import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryTaskQueue } from '../../../engine/tasks/memory.ts';
import { type LocalSystem, startLocally } from '../../faults/support/local-system.ts';
import { startRedis } from '../../support/redis.ts';
import { type RunningApi, runApi } from '../support/running-api.ts';
import { eventually, executionArn, FAILS, machineArn, PASSES, portOf, Rest, useSystem, waitsFor } from './support.ts';

/** followExecution: the history of an execution as it grows. */

const pathOf = (arn: string): string => `/executions/${encodeURIComponent(arn)}/events`;
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

describe('followExecution: over a whole server', () => {
  const system = useSystem();
  let rest: Rest;
  beforeAll(async () => {
    rest = system.rest;
    await rest.create('passes', PASSES);
    await rest.create('fails', FAILS);
    await rest.create('works', waitsFor('work'));
  });

  test('tells all of an execution that has ended, then the end', async () => {
    const arn = await rest.start('passes', 'ended');
    await rest.ended(arn);
    const stream = await rest.follow(pathOf(arn));
    await stream.closed;
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.names()).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
      'end',
    ]);
    expect(stream.ids()).toEqual(['1', '2', '3', '4', '4-end']);
    expect(stream.events.at(-1)?.data).toEqual({ status: 'SUCCEEDED' });
    const { body } = await rest.get(`/executions/${encodeURIComponent(arn)}/history`);
    expect(stream.events.slice(0, -1).map(({ data }) => data)).toEqual(body['events']);
  });

  test('tells what happens while it is watched', async () => {
    const arn = await rest.start('works', 'watched');
    const stream = await rest.follow(pathOf(arn));
    await stream.until('ActivityScheduled');
    await rest.send('POST', `/executions/${encodeURIComponent(arn)}/stop`);
    await stream.closed;
    expect(stream.names().slice(3)).toEqual(['ExecutionAborted', 'end']);
  });

  test('goes on after what came last when the connection was cut', async () => {
    const arn = await rest.start('works', 'cut');
    const first = await rest.follow(pathOf(arn));
    await first.until('TaskStateEntered');
    first.cut();
    await first.closed;
    const second = await rest.follow(pathOf(arn), { 'last-event-id': '2' });
    await second.until('ActivityScheduled');
    await rest.send('POST', `/executions/${encodeURIComponent(arn)}/stop`);
    await second.closed;
    expect(second.ids()).toEqual(['3', '4', '4-end']);
    const third = await rest.follow(`${pathOf(arn)}?lastEventId=3`);
    await third.closed;
    expect(third.ids()).toEqual(['4', '4-end']);
  });

  test('has nothing more for who has heard the end, until it is redriven', async () => {
    const arn = await rest.start('fails', 'redriven');
    await rest.ended(arn);
    const stream = await rest.follow(pathOf(arn));
    await stream.closed;
    const last = stream.ids().at(-1) ?? '';
    const nothing = await rest.get(pathOf(arn), { 'last-event-id': last });
    expect([nothing.status, nothing.text]).toEqual([204, '']);
    expect((await rest.send('POST', `/executions/${encodeURIComponent(arn)}/redrive`)).status).toBe(200);
    const again = await rest.follow(pathOf(arn), { 'last-event-id': last });
    await again.closed;
    expect([again.names()[0], again.names().at(-1)]).toEqual(['ExecutionRedriven', 'end']);
    expect(again.ids()[0]).toBe(String(Number.parseInt(last, 10) + 1));
  });

  test('goes on with a redrive while it is watched', async () => {
    const arn = await rest.start('works', 'both');
    const stream = await rest.follow(pathOf(arn));
    await stream.until('ActivityScheduled');
    stream.cut();
    await rest.send('POST', `/executions/${encodeURIComponent(arn)}/stop`);
    await rest.ended(arn);
    await rest.send('POST', `/executions/${encodeURIComponent(arn)}/redrive`);
    const again = await rest.follow(pathOf(arn), { 'last-event-id': '4' });
    await again.until('ActivityScheduled');
    expect(again.names()).toEqual(['ExecutionRedriven', 'ActivityScheduled']);
    again.cut();
  });

  test('starts over for who has more than there is', async () => {
    const arn = await rest.start('passes', 'fewer');
    await rest.ended(arn);
    const stream = await rest.follow(pathOf(arn), { 'last-event-id': '99' });
    await stream.closed;
    expect(stream.ids()).toEqual(['4-end']);
  });

  test('refuses what it cannot follow', async () => {
    const none = await rest.get(pathOf(executionArn('works', 'none')));
    expect([none.status, none.body['type']]).toEqual([404, 'urn:stepyard:problem:ExecutionDoesNotExist']);
    expect((await rest.get(pathOf(machineArn('works')))).status).toBe(400);
    const arn = await rest.start('passes', 'refused');
    expect((await rest.get(pathOf(arn), { 'last-event-id': 'x' })).status).toBe(400);
    expect((await rest.get(`${pathOf(arn)}?lastEventId=x`)).status).toBe(400);
  });
});

describe('followExecution: in processes of their own', () => {
  async function processes(): Promise<{ redis: Awaited<ReturnType<typeof startRedis>>; api: LocalSystem; rest: Rest }> {
    const redis = await startRedis();
    endings.push(() => redis.stop());
    const engine = await startLocally(redis.url, { STEPYARD_ROLE: 'engine' });
    endings.push(() => engine.stop());
    const api = await startLocally(redis.url, { STEPYARD_ROLE: 'api' });
    endings.push(() => api.stop());
    return { redis, api, rest: new Rest(portOf(api)) };
  }

  test('what an engine does is told by an API', async () => {
    const { rest } = await processes();
    await rest.create('works', waitsFor('work'));
    const arn = await rest.start('works', 'apart');
    const stream = await rest.follow(pathOf(arn));
    await stream.until('ActivityScheduled');
    await rest.send('POST', `/executions/${encodeURIComponent(arn)}/stop`);
    await stream.closed;
    expect(stream.names().at(-1)).toBe('end');
  });

  test('a server that closes ends its streams, also those that nobody reads', async () => {
    const { api, rest } = await processes();
    await rest.create('works', waitsFor('work'));
    const arn = await rest.start('works', 'closing');
    const streams = await Promise.all([rest.follow(pathOf(arn)), rest.follow(pathOf(arn)), rest.follow('/live')]);
    streams[1]?.stall();
    await streams[0]?.until('ActivityScheduled');
    await api.stop();
    streams[1]?.response.resume();
    await Promise.all(streams.map(({ closed }) => closed));
    endings.pop();
  });
});

describe('followExecution: over a store without an engine', () => {
  const events = (first: number, count: number, data = '') =>
    Array.from(
      { length: count },
      (_, index) =>
        `{"id":${first + index},"previousEventId":0,"timestamp":1700000000.5,"type":"PassStateExited","stateExitedEventDetails":{"output":"${data}"}}`,
    );

  async function begun(settings = {}): Promise<{ api: RunningApi; rest: Rest; arn: string }> {
    const api = await runApi(settings, createMemoryTaskQueue());
    endings.push(() => api.close());
    const rest = new Rest(api.port);
    await rest.create('m', PASSES);
    return { api, rest, arn: await rest.start('m', 'x') };
  }

  test('each event is read once for all who watch', async () => {
    const { api, rest, arn } = await begun({ maxStreams: 600 });
    const streams = await Promise.all(Array.from({ length: 500 }, () => rest.follow(pathOf(arn))));
    await api.store.commit(arn, { events: events(1, 3) });
    for (const stream of streams) await eventually(() => stream.events.length).toBe(3);
    const before = api.store.count('history');
    const stopped = { status: 'ABORTED' as const, stopMs: 5 };
    await api.store.commit(arn, { events: events(4, 2), state: stopped });
    await Promise.all(streams.map(({ closed }) => closed));
    for (const stream of streams) expect(stream.ids()).toEqual(['1', '2', '3', '4', '5', '5-end']);
    expect(api.store.count('history') - before).toBeLessThanOrEqual(2);
  });

  test('a client that does not read is sent no more than its socket takes', async () => {
    const { api, rest, arn } = await begun();
    const data = 'x'.repeat(200_000);
    const slow = await rest.follow(pathOf(arn));
    slow.stall();
    const fast = await rest.follow(pathOf(arn));
    const COUNT = 300;
    for (let first = 1; first <= COUNT; first += 20) await api.store.commit(arn, { events: events(first, 20, data) });
    await eventually(() => fast.events.length).toBe(COUNT);
    const reads = api.store.count('history');
    slow.response.resume();
    await eventually(() => slow.events.length).toBe(COUNT);
    expect(slow.ids()).toEqual(fast.ids());
    expect(api.store.count('history')).toBeGreaterThan(reads);
  });

  test('there are so many streams, and who comes then is told to come again', async () => {
    const { rest, arn } = await begun({ maxStreams: 2 });
    const streams = [await rest.follow(pathOf(arn)), await rest.follow('/live')];
    const refused = await rest.get(pathOf(arn));
    expect([refused.status, refused.body['type'], refused.headers['retry-after']]).toEqual([
      503,
      'urn:stepyard:problem:TooManyStreams',
      '1',
    ]);
    expect((await rest.get('/live')).status).toBe(503);
    const [socket] = streams.map(({ response }) => response.socket);
    streams[0]?.cut();
    if (socket && !socket.destroyed) await once(socket, 'close');
    await eventually(async () => {
      const next = await rest.follow(pathOf(arn));
      next.cut();
      return next.response.statusCode;
    }).toBe(200);
  });

  test('an outage ends a stream, and the client comes again', async () => {
    const { api, rest, arn } = await begun();
    await api.store.commit(arn, { events: events(1, 1) });
    const stream = await rest.follow(pathOf(arn));
    await eventually(() => stream.ids()).toEqual(['1']);
    api.store.before.set('history', async () => {
      throw new Error('away');
    });
    await api.store.commit(arn, { events: events(2, 1) });
    await stream.closed;
    api.store.before.clear();
    const again = await rest.follow(pathOf(arn), { 'last-event-id': '1' });
    await eventually(() => again.ids()).toEqual(['2']);
  });
});
