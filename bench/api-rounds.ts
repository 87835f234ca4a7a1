import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../schemas/json.ts';
import { closedLoop, type Load } from './closed-loop.ts';
import { createMachine } from './http-rounds.ts';
import type { PrivateRedis } from './private-redis.ts';
import type { Figure } from './report.ts';
import { attributesOf, ERRORS, MACHINES, machineOf, seedExecutions } from './seed-executions.ts';
import { Server, startProcess } from './server.ts';
import { median, percentile } from './statistics.ts';
import { Wire } from './wire.ts';
import { machineArnOf, order, pureMachine } from './workload.ts';

/** What reading over HTTP costs among many executions, beside a bare Fastify route that reads one Redis hash, in the same rounds. */

/** States whose execution has a thousand events: two each, one at either end. */
const STATES = 499;
const HASH = 'floor';
const NAME = 'thousand';

/** One kind of request, sent again and again. */
interface Reading {
  readonly name: string;
  readonly url: string;
  readonly send: (wire: Wire) => Promise<unknown>;
}

/** Rates and latencies of reading, and of searching, among so many executions. */
export async function apiFigures(
  redis: PrivateRedis,
  rounds: number,
  load: Load,
  executions: number,
): Promise<Figure[]> {
  await redis.clear();
  await seedExecutions(redis.admin, executions, Date.now());
  await redis.admin.hset(HASH, { record: JSON.stringify(order(1)), status: 'SUCCEEDED' });
  const server = await Server.start({ redisUrl: redis.url });
  const floor = await startProcess([fileURLToPath(new URL('route-floor.ts', import.meta.url)), redis.url, HASH]);
  const readings = await readingsOf(server, floor.url, executions);
  const results = readings.map((): { perSecond: number; latenciesMs: readonly number[] }[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, reading] of readings.entries()) {
      const result = await measure(reading, load);
      // The first round warms up.
      if (round > 0) results[index]?.push(result);
    }
  }
  await end(floor.child);
  await server.stop();
  const [bare = []] = results;
  return readings.flatMap(({ name }, index) => {
    const own = results[index] ?? [];
    const ratio = median(own.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN)));
    return figuresOf(name, own, index === 0 ? undefined : ratio);
  });
}

async function readingsOf(server: Server, floorUrl: string, executions: number): Promise<Reading[]> {
  const executionArn = await runThousand(server);
  const operation = (name: string, input: JsonObject, about = ''): Reading => ({
    name: name + about,
    url: server.url,
    send: (wire) => wire.call(name, input),
  });
  const search = (about: string, query: Record<string, string>): Reading => ({
    name: `search: ${about}`,
    url: server.url,
    send: (wire) => wire.get(`/api/v1/executions?${new URLSearchParams(query)}`),
  });
  const stateMachineArn = machineArnOf(machineOf(0));
  const { customer, region } = attributesOf(0, executions);
  return [
    { name: 'a bare route that reads one hash', url: floorUrl, send: (wire) => wire.get('/') },
    operation('DescribeExecution', { executionArn }),
    operation('GetExecutionHistory', { executionArn, maxResults: 1000 }, ' of 1,000 events'),
    operation('ListExecutions', { stateMachineArn, statusFilter: 'FAILED' }, ' by status, a page of 100'),
    search('all machines, status', { status: 'FAILED' }),
    search('an attribute of few, status', { stateMachineArn, status: 'SUCCEEDED', 'attribute.customer': customer }),
    search('an attribute of many, an error', { stateMachineArn, error: ERRORS[0] ?? '', 'attribute.region': region }),
    search('the beginning of a name', { stateMachineArn, namePrefix: `${machineOf(0)}-0000` }),
  ];
}

/** Makes the machines of the seeded executions, and one execution with a thousand events. */
async function runThousand(server: Server): Promise<string> {
  const wire = new Wire(server.url);
  for (let machine = 0; machine < MACHINES; machine += 1) await createMachine(wire, machineOf(machine), pureMachine(1));
  await createMachine(wire, NAME, pureMachine(STATES));
  const start = { stateMachineArn: machineArnOf(NAME), input: JSON.stringify(order(1)) };
  const executionArn = String((await wire.call('StartExecution', start))['executionArn']);
  while ((await wire.call('DescribeExecution', { executionArn }))['status'] === 'RUNNING');
  wire.close();
  return executionArn;
}

async function measure({ url, send }: Reading, load: Load) {
  const wires = Array.from({ length: load.inFlight }, () => new Wire(url));
  const { count, elapsedMs, latenciesMs } = await closedLoop(load, async () => {
    const wire = wires.pop();
    if (!wire) throw new Error('There are fewer sockets than requests in flight');
    await send(wire);
    wires.push(wire);
  });
  for (const wire of wires) wire.close();
  return { perSecond: (1000 * count) / elapsedMs, latenciesMs };
}

function figuresOf(
  name: string,
  results: readonly { perSecond: number; latenciesMs: readonly number[] }[],
  ratio: number | undefined,
): Figure[] {
  const latencies = results.flatMap(({ latenciesMs }) => latenciesMs);
  const figures: Figure[] = [
    { name, value: median(results.map(({ perSecond }) => perSecond)), unit: '/s' },
    { name: '  p95', value: percentile(latencies, 95), unit: 'ms' },
  ];
  if (ratio !== undefined) figures.push({ name: '  ratio to the bare route', value: ratio, unit: '' });
  return figures;
}

async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
}
