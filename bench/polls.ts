import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../schemas/json.ts';
import { createMachine, sockets, unless } from './http-rounds.ts';
import type { PrivateRedis } from './private-redis.ts';
import { Server } from './server.ts';
import { percentile } from './statistics.ts';
import { Wire } from './wire.ts';
import { activityArnOf, machineArnOf, taskMachine } from './workload.ts';

/** Idle polls: what they cost in memory, and how soon a task reaches one. */

const ACTIVITIES = 10;
const OPENED_AT_ONCE = 100;

/** Bytes that the server process grows by when so many polls wait. */
export async function idlePollBytes(redis: PrivateRedis, polls: number): Promise<number> {
  await redis.clear();
  const server = await Server.start({ redisUrl: redis.url });
  const setUp = new Wire(server.url);
  for (let index = 0; index < ACTIVITIES; index += 1) await setUp.call('CreateActivity', { name: `idle-${index}` });
  // A server at work has the memory that requests of any kind need; the first polls start what all polls share.
  await Promise.all(sockets(server, 10).map(atWork));
  const first = sockets(server, ACTIVITIES);
  await pollAll(first, 0);
  const before = await server.usage();
  const wires: Wire[] = [];
  for (let opened = 0; opened < polls; opened += OPENED_AT_ONCE) {
    const more = sockets(server, OPENED_AT_ONCE);
    wires.push(...more);
    await pollAll(more, opened);
  }
  await sleep(1000);
  const after = await server.usage();
  for (const wire of [...wires, setUp, ...first]) wire.close();
  await server.stop();
  return after.rssBytes - before.rssBytes;
}

async function atWork(wire: Wire): Promise<void> {
  for (let request = 0; request < 1000; request += 1) await wire.call('ListActivities', {});
  wire.close();
}

/** Lets each poll; none of them is answered. */
async function pollAll(wires: readonly Wire[], offset: number): Promise<void> {
  for (const [index, wire] of wires.entries()) {
    const activityArn = activityArnOf(`idle-${(offset + index) % ACTIVITIES}`);
    wire.call('GetActivityTask', { activityArn }).catch(() => {});
  }
  await sleep(20);
}

/** Milliseconds from ActivityScheduled to the worker having the task, with idle polls waiting; whole ones, as history events have. */
export async function pickUp(redis: PrivateRedis, seconds: number): Promise<{ p50Ms: number; p99Ms: number }> {
  await redis.clear();
  const server = await Server.start({ redisUrl: redis.url });
  const setUp = new Wire(server.url);
  await setUp.call('CreateActivity', { name: 'idle' });
  const fields = { Parameters: { 'scheduled.$': '$$.State.EnteredTime' } };
  await createMachine(setUp, 'idle', taskMachine(1, 'idle', fields));
  const latenciesMs: number[] = [];
  let stopping = false;
  const wires = sockets(server, 50);
  const working = wires.map((wire) => pick(wire, latenciesMs, () => stopping).catch(unless(() => stopping)));
  const perSecond = 100;
  for (let started = 0; started < perSecond * seconds; started += 1) {
    await Promise.all([
      setUp.call('StartExecution', { stateMachineArn: machineArnOf('idle') }),
      sleep(1000 / perSecond),
    ]);
  }
  await sleep(100);
  stopping = true;
  for (const wire of [...wires, setUp]) wire.close();
  await Promise.all(working);
  await server.stop();
  const counted = latenciesMs.slice(perSecond / 2);
  return { p50Ms: percentile(counted, 50), p99Ms: percentile(counted, 99) };
}

async function pick(wire: Wire, latenciesMs: number[], isStopping: () => boolean): Promise<void> {
  while (!isStopping()) {
    const { taskToken, input } = await wire.call('GetActivityTask', { activityArn: activityArnOf('idle') });
    if (typeof taskToken !== 'string' || typeof input !== 'string') continue;
    const { scheduled } = JSON.parse(input) as JsonObject;
    latenciesMs.push(Date.now() - Date.parse(String(scheduled)));
    await wire.call('SendTaskSuccess', { taskToken, output: '{}' });
  }
}
