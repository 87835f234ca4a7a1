import { setTimeout as sleep } from 'node:timers/promises';
import type { PendingTask } from '../schemas/task.ts';
import { InProcess } from './in-process.ts';
import type { PrivateRedis } from './private-redis.ts';
import { Server } from './server.ts';
import { machineArnOf, taskMachine } from './workload.ts';

export interface Recovery {
  /** From the kill until every execution has gone on to its end. */
  readonly totalMs: number;
  /** How much of that the dead engine's lease takes. */
  readonly leaseMs: number;
}

const LEASE_MS = 2000;

/**
 * So many executions wait for tasks that workers have. The one engine is killed with SIGKILL and another is started at once; meanwhile all
 * results are sent, which the store accepts without an engine.
 */
export async function recoveryRound(redis: PrivateRedis, executions: number): Promise<Recovery> {
  await redis.clear();
  const requests = await InProcess.start(redis.url, { engine: false });
  await requests.createMachine('open', taskMachine(1, 'open'));
  const engine = await Server.start({ redisUrl: redis.url, role: 'engine', leaseMs: LEASE_MS });
  const tasks: PendingTask[] = [];
  await inLanes(executions, async () => {
    await requests.startExecution('open');
    const task = await requests.takeTask('open', new AbortController().signal);
    if (task) tasks.push(task);
  });
  // What was just begun is written: it is the open executions that are to be found, not the load.
  await sleep(500);
  await engine.kill();
  const killed = performance.now();
  const [next] = await Promise.all([
    Server.start({ redisUrl: redis.url, role: 'engine', leaseMs: LEASE_MS }),
    inLanes(executions, async () => {
      const task = tasks.pop();
      if (task) await requests.succeed(task);
    }),
  ]);
  while ((await requests.store.executions.countOpen(machineArnOf('open'))) > 0) await sleep(10);
  const totalMs = performance.now() - killed;
  await next.stop();
  await requests.stop();
  return { totalMs, leaseMs: LEASE_MS };
}

async function inLanes(count: number, once: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await once();
    }
  };
  await Promise.all(Array.from({ length: 64 }, lane));
}
