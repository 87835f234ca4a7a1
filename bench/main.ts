import { parseArgs } from 'node:util';
import type { JsonObject } from '../schemas/json.ts';
import { apiFigures } from './api-rounds.ts';
import { expressionRound } from './expressions.ts';
import { type HttpRound, HttpSystem } from './http-rounds.ts';
import { bytesPerExecution, floorRound, pureRound, tasksRound } from './in-process-rounds.ts';
import { interpreterRound, STATES } from './interpreter.ts';
import { mapRunRound } from './map-run.ts';
import { idlePollBytes, pickUp } from './polls.ts';
import { PrivateRedis } from './private-redis.ts';
import { recoveryRound } from './recovery.ts';
import {
  describeMachine,
  type Figure,
  figuresTable,
  type Rate,
  type Report,
  type Round,
  ratesTable,
  summarise,
} from './report.ts';
import { median, percentile } from './statistics.ts';
import { watcherLatency } from './watchers.ts';
import { jsonataMachine, pureMachine } from './workload.ts';

/** `npm run bench [-- --quick] [--json] [--fsync always]`: what Stepyard costs, beside BullMQ alone on the same Redis. */

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    fsync: { type: 'string', default: 'everysec' },
  },
});
const { rounds, ms, warmUpMs, seconds, kept, polls, items, found, steps } = options.quick
  ? { rounds: 3, ms: 250, warmUpMs: 1000, seconds: 1, kept: 1000, polls: 5000, items: 5000, found: 20_000, steps: 5 }
  : {
      rounds: 5,
      ms: 3000,
      warmUpMs: 2500,
      seconds: 10,
      kept: 10_000,
      polls: 5000,
      items: 100_000,
      found: 1e6,
      steps: 50,
    };
const MANY = { inFlight: 64, ms };
const WARM_UP = { inFlight: 64, ms: warmUpMs };
const ONE = { inFlight: 1, ms };
const OPEN_EXECUTIONS = 10_000;
const WATCHERS = 500;

/** Beside the results, so that who waits sees that it goes on. */
const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** What is compared is done in turn, so that a slower minute of the machine is one for all. */
async function inProcessRates(redis: PrivateRedis): Promise<{ rates: Rate[]; ratio: number }> {
  const steps: [name: string, per: Rate['per'], run: () => Promise<Round>][] = [
    ['BullMQ alone', 'job', () => floorRound(redis, MANY)],
    ['3 activity tasks', 'task', () => tasksRound(redis, MANY, 3)],
    ['1 activity task', 'task', () => tasksRound(redis, MANY, 1)],
    ['10 activity tasks', 'task', () => tasksRound(redis, MANY, 10)],
    ['10 pure states', 'execution', () => pureRound(redis, MANY, 10)],
    ['100 pure states', 'execution', () => pureRound(redis, MANY, 100)],
  ];
  const results = steps.map((): Round[] => []);
  note('in process, warming up');
  // Code is compiled as it runs, and that takes some thousand tasks: what a new process takes is not what is looked for.
  await floorRound(redis, WARM_UP);
  await tasksRound(redis, WARM_UP, 3);
  for (let round = 1; round <= rounds; round += 1) {
    note(`in process, round ${round} of ${rounds}`);
    for (const [index, [, , run]] of steps.entries()) results[index]?.push(await run());
  }
  const perMs = (round: Round | undefined): number => (round ? round.tasks / round.elapsedMs : Number.NaN);
  const [floor = [], three = []] = results;
  return {
    rates: steps.map(([name, per], index) => summarise(name, per, results[index] ?? [])),
    ratio: median(three.map((round, index) => perMs(round) / perMs(floor[index]))),
  };
}

async function httpRates(redis: PrivateRedis): Promise<{ rates: Rate[]; figures: Figure[] }> {
  const starts: Round[] = [];
  const many: HttpRound[] = [];
  const single: HttpRound[] = [];
  const system = await HttpSystem.start(redis);
  note('over HTTP, warming up');
  await system.tasksRound(WARM_UP, false);
  for (let round = 1; round <= rounds; round += 1) {
    note(`over HTTP, round ${round} of ${rounds}`);
    starts.push(await system.startRound(MANY));
    many.push(await system.tasksRound(MANY, false));
    single.push(await system.tasksRound(ONE, true));
  }
  await system.stop();
  const step = (percent: number): number => median(single.map(({ stepsMs }) => percentile(stepsMs, percent)));
  return {
    rates: [
      summarise('HTTP: StartExecution', 'execution', starts),
      summarise('HTTP: 3 activity tasks', 'task', many),
      summarise('HTTP: 3 activity tasks, 1 in flight', 'task', single),
    ],
    figures: [
      { name: 'one task step over HTTP, 1 in flight, p50', value: step(50), unit: 'ms' },
      { name: 'one task step over HTTP, 1 in flight, p99', value: step(99), unit: 'ms' },
    ],
  };
}

async function interpreterRate(name: string, definition: JsonObject): Promise<Rate> {
  const results: Round[] = [];
  await interpreterRound(ms / 2, definition);
  for (let round = 0; round < rounds; round += 1) results.push(await interpreterRound(ms / 2, definition));
  const { executionsPerSecond = 0 } = summarise('', 'transition', results);
  return { name, per: 'transition', executionsPerSecond, nodeUs: 1e6 / executionsPerSecond };
}

async function expressionRate(): Promise<Rate> {
  const results: Round[] = [];
  await expressionRound(ms / 2);
  for (let round = 0; round < rounds; round += 1) results.push(await expressionRound(ms / 2));
  const { executionsPerSecond = 0 } = summarise('', 'expression', results);
  const name = 'JSONata, small expressions';
  return { name, per: 'expression', executionsPerSecond, nodeUs: 1e6 / executionsPerSecond };
}

/** Distributed Maps of children that do nothing. */
async function mapRunFigures(redis: PrivateRedis): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const type of ['STANDARD', 'EXPRESS'] as const) {
    note(`a distributed Map of ${items} ${type} children`);
    const { elapsedMs, peakBytes, grownBytes } = await mapRunRound(redis, items, type);
    const name = `distributed Map of ${items} ${type} children`;
    figures.push(
      { name: `${name}, per second`, value: (1000 * items) / elapsedMs, unit: '' },
      { name: '  peak memory of the server', value: peakBytes / 1e6, unit: 'MB' },
      { name: '  of which grown', value: grownBytes / 1e6, unit: 'MB' },
    );
  }
  return figures;
}

/** Reading over HTTP, and watching. */
async function readingFigures(redis: PrivateRedis): Promise<Figure[]> {
  note(`reading among ${found} executions`);
  const reading = await apiFigures(redis, rounds, { inFlight: 8, ms: ms / 3 }, found);
  note(`${WATCHERS} watchers`);
  const { p50Ms, p99Ms } = await watcherLatency(redis, WATCHERS, steps);
  return [
    ...reading,
    { name: `from a result to each of ${WATCHERS} watchers of the execution, p50`, value: p50Ms, unit: 'ms' },
    { name: `from a result to each of ${WATCHERS} watchers of the execution, p99`, value: p99Ms, unit: 'ms' },
  ];
}

async function otherFigures(redis: PrivateRedis): Promise<Figure[]> {
  note('memory, pick-up, recovery');
  const pure = await bytesPerExecution(redis, kept, 0);
  const tasks = await bytesPerExecution(redis, kept, 3);
  const idle = await idlePollBytes(redis, polls);
  const { p50Ms, p99Ms } = await pickUp(redis, seconds);
  const { totalMs, leaseMs } = await recoveryRound(redis, OPEN_EXECUTIONS);
  return [
    { name: 'Redis memory per closed execution of 10 pure states', value: pure, unit: 'bytes' },
    { name: 'Redis memory per closed execution of 3 activity tasks', value: tasks, unit: 'bytes' },
    { name: `server memory of ${polls} idle polls`, value: idle / 1e6, unit: 'MB' },
    { name: 'from ActivityScheduled to an idle poll, p50', value: p50Ms, unit: 'ms' },
    { name: 'from ActivityScheduled to an idle poll, p99', value: p99Ms, unit: 'ms' },
    { name: `${OPEN_EXECUTIONS} open executions going again after kill -9`, value: totalMs / 1000, unit: 's' },
    { name: '  of which the lease of the dead engine', value: leaseMs / 1000, unit: 's' },
  ];
}

// Only an exit ends Redis and the servers with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

async function measureAll(): Promise<Report> {
  const redis = await PrivateRedis.start(options.fsync === 'always' ? 'always' : 'everysec');
  try {
    const machine = { ...describeMachine(await redis.version()), fsync: options.fsync };
    const interpreter = await interpreterRate('interpreter, in memory', pureMachine(STATES));
    const jsonata = await interpreterRate('interpreter, in memory, JSONata', jsonataMachine(STATES));
    const expressions = await expressionRate();
    const inProcess = await inProcessRates(redis);
    const http = await httpRates(redis);
    const figures = [
      ...http.figures,
      ...(await otherFigures(redis)),
      ...(await mapRunFigures(redis)),
      ...(await readingFigures(redis)),
    ];
    return {
      machine,
      rates: [...inProcess.rates, ...http.rates, interpreter, jsonata, expressions],
      figures,
      ratio: inProcess.ratio,
    };
  } finally {
    await redis.stop();
  }
}

const report = await measureAll();
if (options.json) {
  console.log(JSON.stringify(report, undefined, 2));
} else {
  const about = Object.entries(report.machine).map(([name, value]) => `${name} ${value}`);
  console.log(`${about.join(', ')}; medians of ${rounds} rounds\n`);
  console.log(`${ratesTable(report.rates)}\n\n${figuresTable(report.figures)}\n`);
  console.log(`ratio activity-task/bullmq: ${report.ratio.toFixed(2)}`);
}
