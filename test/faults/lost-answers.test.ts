import { afterAll, beforeAll, expect, test } from 'vitest';
import { scripts } from '../../engine/store/redis/scripts.ts';
import { Dice } from '../simulation/dice.ts';
import { useRedis } from '../support/redis.ts';
import { runActivityWorker } from './support/activity-worker.ts';
import { Crowd } from './support/crowd.ts';
import { type Cut, CuttingProxy } from './support/cutting-proxy.ts';
import { Ledger } from './support/ledger.ts';
import { type LocalSystem, startLocally } from './support/local-system.ts';
import { drawPlans } from './support/machines.ts';
import { expectSound, prepare } from './support/mixed-work.ts';
import { report } from './support/report.ts';

/**
 * Connections to Redis are cut when a command was done and nobody heard of it yet, and before it was done. The client sends
 * it again either way: what it does is done once.
 */

const EXECUTIONS = 80;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Of each kind of command, every so many is cut off, so often at most: what is sent again must come through at last. */
const EVERY = 7;
const CUTS = 10;

const redis = useRedis();
const books = useRedis();
const names = new Map<string, string>(Object.entries(scripts).map(([name, { sha }]) => [sha, name]));
const counts = new Map<string, number>();
const cuts: Record<Cut, Map<string, number>> = { before: new Map(), after: new Map() };
/** Commits by lease, epoch and sequence number: how often Redis was asked for each. */
const commits = new Map<string, number>();

let proxy: CuttingProxy;
let local: LocalSystem;
let ledger: Ledger;
const stopped = new AbortController();

beforeAll(async () => {
  proxy = new CuttingProxy(redis.url, cutter);
  local = await startLocally(proxy.path);
  ledger = new Ledger(books.url);
});

afterAll(async () => {
  stopped.abort();
  await local?.stop();
  await proxy?.stop();
  ledger?.close();
});

/** Own scripts by name, BullMQ's together, blocking reads too. */
function kindOf([command = '', sha = '']: readonly string[]): string {
  if (/^EVAL/i.test(command)) return names.get(sha) ?? 'queue';
  return command.toUpperCase();
}

function cutter(words: readonly string[]): Cut | undefined {
  const kind = kindOf(words);
  if (kind === 'commit') {
    // EVALSHA sha count lease ... epoch sequence: the lease is the first key, the others are arguments.
    const commit = [words[3], ...words.slice(3 + Number(words[2]), 5 + Number(words[2]))].join(' ');
    commits.set(commit, (commits.get(commit) ?? 0) + 1);
  }
  if (!CUT_OFF.has(kind)) return undefined;
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  if (count % EVERY !== 3 || count > EVERY * CUTS) return undefined;
  const cut = count % (2 * EVERY) === 3 ? 'after' : 'before';
  cuts[cut].set(kind, (cuts[cut].get(kind) ?? 0) + 1);
  return cut;
}

/** Everything that changes something. */
const CUT_OFF = new Set([
  'commit',
  'start',
  'settle',
  'reserveTask',
  'startTask',
  'fireTimers',
  'recheckOutbox',
  'claim',
  'renew',
  'queue',
]);

test(`${EXECUTIONS} executions end as if no answer had been lost`, async () => {
  const { api } = local;
  const work = await prepare(api);
  const worker = { api, ledger, activityArn: work.activityArn, name: 'worker', concurrency: 16, heartbeatMs: 500 };
  const working = runActivityWorker(worker, stopped.signal);
  const plans = drawPlans(new Dice(SEED), work.machines, EXECUTIONS);
  await new Crowd(api, plans, EXECUTIONS).run();

  const told = await expectSound(api, work, { plans, ledger, redisPath: redis.url });
  stopped.abort();
  await working;

  const repeated = [...commits.values()].filter((times) => times > 1).length;
  report(`seed ${SEED}: ${told.length} executions, cut off: ${tally('after')} done, ${tally('before')} not done`);
  expect(repeated).toBeGreaterThan(0);
  for (const kind of ['commit', 'start', 'settle', 'startTask', 'queue']) {
    expect(cuts.after.get(kind), `${kind} was cut off after it was done`).toBeGreaterThan(0);
    expect(cuts.before.get(kind), `${kind} was cut off before it was done`).toBeGreaterThan(0);
  }
});

const tally = (cut: Cut): number => [...cuts[cut].values()].reduce((sum, count) => sum + count, 0);
