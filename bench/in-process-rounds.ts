import { BullmqFloor } from './bullmq-floor.ts';
import { closedLoop, type Load } from './closed-loop.ts';
import { InProcess } from './in-process.ts';
import { costBetween, ownClock, readMeter } from './meter.ts';
import type { PrivateRedis } from './private-redis.ts';
import type { Round } from './report.ts';
import { pureMachine, taskMachine } from './workload.ts';

/** Before each measurement, so that code is compiled and caches are filled: a share of its time. */
const WARM_UP = 0.4;

type Run = (load: Load) => ReturnType<typeof closedLoop>;

async function measured(redis: PrivateRedis, load: Load, tasks: number, run: Run): Promise<Round> {
  await run({ ...load, ms: load.ms * WARM_UP });
  const before = await readMeter(redis.admin, ownClock);
  const { count, elapsedMs, latenciesMs } = await run(load);
  const cost = costBetween(before, await readMeter(redis.admin, ownClock));
  return { executions: count, tasks: count * tasks, elapsedMs, latenciesMs, cost };
}

export async function floorRound(redis: PrivateRedis, load: Load): Promise<Round> {
  await redis.clear();
  const floor = await BullmqFloor.start(redis.url);
  const round = await measured(redis, load, 1, (each) => floor.run(each));
  await floor.stop();
  return { ...round, executions: 0 };
}

export async function pureRound(redis: PrivateRedis, load: Load, states: number): Promise<Round> {
  return inProcess(redis, async (system) => {
    await system.createMachine('pure', pureMachine(states));
    return measured(redis, load, 0, (each) => closedLoop(each, () => system.execute('pure')));
  });
}

export async function tasksRound(redis: PrivateRedis, load: Load, tasks: number): Promise<Round> {
  return inProcess(redis, async (system) => {
    await system.createMachine('tasks', taskMachine(tasks, 'work'));
    system.startWorkers('work', load.inFlight);
    return measured(redis, load, tasks, (each) => closedLoop(each, () => system.execute('tasks')));
  });
}

/** Bytes that stay in Redis for each execution that has closed. */
export async function bytesPerExecution(redis: PrivateRedis, count: number, tasks: number): Promise<number> {
  return inProcess(redis, async (system) => {
    await system.createMachine('kept', tasks === 0 ? pureMachine(10) : taskMachine(tasks, 'kept'));
    if (tasks > 0) system.startWorkers('kept', 64);
    await system.execute('kept');
    const before = await redis.usedMemory();
    let left = count;
    const lane = async (): Promise<void> => {
      for (; left > 0; left -= 1) await system.execute('kept');
    };
    await Promise.all(Array.from({ length: 64 }, lane));
    // Ids of requests stay for two minutes at most, whatever the number of executions.
    const requests = await redis.admin.keys('stepyard:*:claims:*');
    if (requests.length > 0) await redis.admin.unlink(requests);
    return ((await redis.usedMemory()) - before) / count;
  });
}

async function inProcess<T>(redis: PrivateRedis, work: (system: InProcess) => Promise<T>): Promise<T> {
  await redis.clear();
  const system = await InProcess.start(redis.url, { engine: true });
  try {
    return await work(system);
  } finally {
    await system.stop();
  }
}
