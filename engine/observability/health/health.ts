import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Store } from '../../index.ts';
import { within } from '../within.ts';
import { type Check, failed, ok, type Report, reasonOf, reportOf, warning } from './check.ts';
import { countOf, judgeOwners, judgeSafety } from './judge-store.ts';
import { watchArchive } from './watch-archive.ts';

export interface HealthOptions {
  readonly store: Pick<Store, 'statistics'>;
  /** Of the deployment. */
  readonly shardCount: number;
  /** Those that the engine of this process owns now; undefined without an engine. */
  owned(): readonly number[] | undefined;
}

export interface Health {
  alive(): Report;
  ready(): Promise<Report>;
  /** The process was told to stop: from now on it is not ready. */
  drain(): void;
  stop(): void;
}

/** How long the store may take to answer. */
const ANSWER_MS = 1000;
const NS_PER_MS = 1e6;

/** Tells whether the process lives, and whether it can do its work. */
export function createHealth({ store, shardCount, owned }: HealthOptions): Health {
  const loop = monitorEventLoopDelay();
  const archive = watchArchive();
  loop.enable();
  let draining = false;
  const all = Array.from({ length: shardCount }, (_, shard) => shard);

  const drainingCheck = (): Check =>
    draining
      ? failed('draining', 'The process was told to stop and finishes what it has at hand.')
      : ok('draining', 'The process takes work.');

  const look = async (): Promise<Check[]> => {
    const checks = await checkStore(store);
    if (checks.some(({ name, status }) => name === 'store' && status !== 'ok')) return checks;
    return [...checks, ...(await checkShards(store, all, owned()))];
  };
  let looking: Promise<Check[]> | undefined;
  /** A look costs the store a hundred commands and anybody may ask: those who do meanwhile share it. */
  const lookOnce = (): Promise<Check[]> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    alive() {
      const worstMs = Math.round(loop.max / NS_PER_MS);
      loop.reset();
      const message = `The event loop answers; since the last look its longest turn took ${worstMs} ms.`;
      return reportOf([ok('event loop', message), drainingCheck()]);
    },
    async ready() {
      const seen = await lookOnce();
      return reportOf([drainingCheck(), ...seen, ...archive.check()]);
    },
    drain() {
      draining = true;
    },
    stop() {
      loop.disable();
      archive.stop();
    },
  };
}

async function checkStore({ statistics }: Pick<Store, 'statistics'>): Promise<Check[]> {
  const name = 'store';
  try {
    const condition = await within(ANSWER_MS, statistics.condition(true));
    const { server, refusal, roundTripMs } = condition;
    if (refusal !== undefined) return [failed(name, `${server} takes no writes: ${refusal}.`)];
    return [
      ok(name, `${server} answers and takes writes, in ${roundTripMs.toFixed(1)} ms.`),
      ...judgeSafety(condition),
    ];
  } catch (error) {
    return [failed(name, `The store cannot be reached: ${reasonOf(error)}.`)];
  }
}

async function checkShards(
  { statistics }: Pick<Store, 'statistics'>,
  all: readonly number[],
  owned: readonly number[] | undefined,
): Promise<Check[]> {
  try {
    const owners = judgeOwners(await within(ANSWER_MS, statistics.shards(all)));
    return owned ? [owners, judgeOwned(owned, all.length)] : [owners];
  } catch (error) {
    return [failed('owners', `The shards cannot be read: ${reasonOf(error)}.`)];
  }
}

/** An engine that came late owns nothing for a moment, one too many for ever: neither keeps others from working. */
const judgeOwned = (owned: readonly number[], count: number): Check =>
  owned.length > 0
    ? ok('shards', `This engine owns ${owned.length} of ${countOf(count, 'shard')}.`)
    : warning('shards', 'This engine owns no shard: others have them all. It takes over when one of them ends.');
