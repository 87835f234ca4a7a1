import { get, type IncomingMessage } from 'node:http';
import { createMachine } from './http-rounds.ts';
import type { PrivateRedis } from './private-redis.ts';
import { Server } from './server.ts';
import { percentile } from './statistics.ts';
import { Wire } from './wire.ts';
import { activityArnOf, machineArnOf, taskMachine } from './workload.ts';

const NAME = 'watched';

/** Milliseconds from the sending of a task's result until each of many watchers of the execution has the event that tells of it. */
export async function watcherLatency(
  redis: PrivateRedis,
  watchers: number,
  steps: number,
): Promise<{ p50Ms: number; p99Ms: number }> {
  await redis.clear();
  const server = await Server.start({ redisUrl: redis.url });
  const wire = new Wire(server.url);
  await wire.call('CreateActivity', { name: NAME });
  await createMachine(wire, NAME, taskMachine(steps, NAME));
  const { executionArn } = await wire.call('StartExecution', { stateMachineArn: machineArnOf(NAME) });
  const url = `${server.url}/api/v1/executions/${encodeURIComponent(String(executionArn))}/events`;
  const streams = await Promise.all(Array.from({ length: watchers }, () => open(url)));
  const latencies: number[] = [];
  for (let step = 0; step < steps; step += 1) {
    const { taskToken, input } = await wire.call('GetActivityTask', { activityArn: activityArnOf(NAME) });
    const heard = streams.map((stream) => stream.next('ActivitySucceeded'));
    const sentAt = performance.now();
    await wire.call('SendTaskSuccess', { taskToken: String(taskToken), output: String(input) });
    for (const atMs of await Promise.all(heard)) latencies.push(atMs - sentAt);
  }
  for (const stream of streams) stream.close();
  wire.close();
  await server.stop();
  return { p50Ms: percentile(latencies, 50), p99Ms: percentile(latencies, 99) };
}

interface Watcher {
  /** When the next event of the type arrives. */
  next(type: string): Promise<number>;
  close(): void;
}

async function open(url: string): Promise<Watcher> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false, headers: { accept: 'text/event-stream' } }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) throw new Error(`A stream was answered with ${response.statusCode}`);
  let waiting: { line: string; arrive: (atMs: number) => void } | undefined;
  let rest = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (!waiting || !lines.includes(waiting.line)) return;
    waiting.arrive(performance.now());
    waiting = undefined;
  });
  return {
    next: (type) =>
      new Promise((arrive) => {
        waiting = { line: `event: ${type}`, arrive };
      }),
    close: () => response.destroy(),
  };
}
